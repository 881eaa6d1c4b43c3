#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* What Swift does not import: function-like macros, variadic functions, casts in macros, unions. Static inline, so a system library target is enough. */

/* Contexts */
static inline int copenssl_min_version(SSL_CTX *c, int v) { return (int)SSL_CTX_set_min_proto_version(c, v); }
static inline int copenssl_max_version(SSL_CTX *c, int v) { return (int)SSL_CTX_set_max_proto_version(c, v); }
static inline void copenssl_mode(SSL_CTX *c, long m) { SSL_CTX_set_mode(c, m); }
static inline void copenssl_cache_mode(SSL_CTX *c, long m) { SSL_CTX_set_session_cache_mode(c, m); }
static inline void copenssl_dh_auto(SSL_CTX *c) { SSL_CTX_set_dh_auto(c, 1); }

static const uint64_t copenssl_op_bug_workarounds = SSL_OP_ALL;
static const uint64_t copenssl_op_legacy_server_connect = SSL_OP_LEGACY_SERVER_CONNECT;
static const uint64_t copenssl_op_unsafe_renegotiation = SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION;
static const uint64_t copenssl_op_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t copenssl_op_no_compression = SSL_OP_NO_COMPRESSION;

/* Connections */
static inline int copenssl_sni(SSL *s, const char *name) { return (int)SSL_set_tlsext_host_name(s, name); }
static inline void copenssl_set_owner(SSL *s, void *p) { SSL_set_app_data(s, p); }
static inline void *copenssl_owner(const SSL *s) { return SSL_get_app_data(s); }
static inline int copenssl_safe_renegotiation(SSL *s) { return (int)SSL_get_secure_renegotiation_support(s); }
/* The key of the key exchange that the peer made for this handshake; owned by the caller. */
static inline EVP_PKEY *copenssl_exchange_key(SSL *s) {
    EVP_PKEY *key = NULL;
    return SSL_get_peer_tmp_key(s, &key) == 1 ? key : NULL;
}

/* BIOs */
static inline void copenssl_retry_read(BIO *b) { BIO_set_retry_read(b); }
static inline void copenssl_clear_retry(BIO *b) { BIO_clear_retry_flags(b); }

/* Certificates */
static const unsigned long copenssl_name_style = XN_FLAG_RFC2253;
static inline void copenssl_free(void *p) { OPENSSL_free(p); }
static inline EVP_PKEY *copenssl_new_p256_key(void) { return EVP_EC_gen("P-256"); }
static inline int copenssl_count(const void *stack) { return OPENSSL_sk_num((const OPENSSL_STACK *)stack); }
static inline STACK_OF(X509) *copenssl_new_chain(void) { return sk_X509_new_null(); }
static inline int copenssl_push(STACK_OF(X509) *chain, X509 *certificate) { return sk_X509_push(chain, certificate); }
static inline void copenssl_free_chain(STACK_OF(X509) *chain) { sk_X509_pop_free(chain, X509_free); }
/* The DNS name or the address (4 or 16 octets) at a place of a subject alternative name; the type, or -1 for all others. */
static inline int copenssl_alternative(const GENERAL_NAMES *names, int at, const unsigned char **bytes, int *count) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, at);
    const ASN1_STRING *text;
    if (name == NULL) return -1;
    switch (name->type) {
    case GEN_DNS: text = name->d.dNSName; break;
    case GEN_IPADD: text = name->d.iPAddress; break;
    default: return -1;
    }
    *bytes = ASN1_STRING_get0_data(text);
    *count = ASN1_STRING_length(text);
    return name->type;
}
/* Adds a subject alternative name with one entry (GEN_DNS or GEN_IPADD) to a certificate. */
static inline int copenssl_add_alternative(X509 *certificate, int type, const unsigned char *bytes, int count) {
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = type == GEN_DNS ? (ASN1_STRING *)ASN1_IA5STRING_new() : (ASN1_STRING *)ASN1_OCTET_STRING_new();
    int added = 0;
    if (names != NULL && name != NULL && text != NULL && ASN1_STRING_set(text, bytes, count) == 1) {
        GENERAL_NAME_set0_value(name, type, text);
        text = NULL;
        if (sk_GENERAL_NAME_push(names, name) > 0) {
            name = NULL;
            added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
        }
    }
    ASN1_STRING_free(text);
    GENERAL_NAME_free(name);
    GENERAL_NAMES_free(names);
    return added;
}
/* Adds an extension of which the value is given in OpenSSL's notation. */
static inline int copenssl_add_extension(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509_EXTENSION *extension;
    int added;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    if ((extension = X509V3_EXT_conf_nid(NULL, &context, nid, value)) == NULL) return 0;
    added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

#endif
