/// Real mail servers as remote hosts, each in namespaces like those of the gateways (but for the network, which is the test's): they listen on
/// loopback, and deliver each letter for remote.test to a file for each recipient under `$DIR/mail`, with the envelope in its header.
///
/// The script stays, and does not become the server: the kernel forgets to end whom with the test who changes its user, as servers do.
enum HostScripts {
    static func all(_ kind: RealHost.Kind) -> String {
        let own =
            switch kind {
            case .exim: exim
            case .postfix: postfix
            case .opensmtpd: openSMTPD
            case .sendmail: sendmail
            }
        return GatewayScripts.common + keys + own
    }

    /// `keys OWNER`: the certificate and its key, where that user can read them.
    private static let keys = #"""
        keys() { for f in crt key; do install -m 600 -o "$1" "$DIR/host.$f" "/etc/host.$f"; done; }
        mkdir -p "$DIR/mail"

        """#

    /// Its TLS is GnuTLS.
    private static let exim = #"""
        user Debian-exim 990
        mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
        chown 990:990 /var/spool/exim4 /var/log/exim4 "$DIR/mail"
        keys 990
        cat >/etc/exim4/exim4.conf <<END
        primary_hostname = $ME
        spool_directory = /var/spool/exim4
        log_file_path = /var/log/exim4/%s
        exim_path = /usr/sbin/exim4
        disable_ipv6
        keep_environment =
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = $PORT
        message_size_limit = 0
        smtp_accept_max = 100
        smtp_accept_queue_per_connection = 0
        tls_advertise_hosts = *
        tls_certificate = /etc/host.crt
        tls_privatekey = /etc/host.key
        acl_smtp_rcpt = all
        $EXTRA
        begin acl
        all:
          accept
        begin routers
        all:
          driver = accept
          transport = keep
        begin transports
        keep:
          driver = appendfile
          directory = $DIR/mail
          maildir_format
          return_path_add
          envelope_to_add
          user = 990
          group = 990
        END
        /usr/sbin/exim4 -bdf &
        wait
        """#

    /// Its TLS is OpenSSL.
    private static let postfix = #"""
        user postfix 993
        user postdrop 994
        mkdir -p /var/spool/postfix /var/lib/postfix
        chown postfix /var/lib/postfix "$DIR/mail"
        keys 0
        cat >/etc/postfix/main.cf <<END
        compatibility_level = 3.6
        myhostname = $ME
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_protocols = ipv4
        queue_directory = /var/spool/postfix
        data_directory = /var/lib/postfix
        daemon_directory = /usr/lib/postfix/sbin
        command_directory = /usr/sbin
        maillog_file = /var/log/postfix
        alias_maps =
        message_size_limit = 0
        mailbox_size_limit = 0
        virtual_mailbox_limit = 0
        in_flow_delay = 0
        virtual_mailbox_domains = remote.test
        virtual_mailbox_base = $DIR/mail
        virtual_mailbox_maps = static:./
        virtual_uid_maps = static:993
        virtual_gid_maps = static:993
        smtpd_tls_security_level = may
        smtpd_tls_cert_file = /etc/host.crt
        smtpd_tls_key_file = /etc/host.key
        smtpd_tls_loglevel = 1
        $EXTRA
        END
        cat >/etc/postfix/master.cf <<END
        127.0.0.1:$PORT inet n - n - 100 smtpd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 1 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        virtual unix - n n - - virtual
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        anvil unix - - n - 1 anvil
        tlsmgr unix - - n 1000? 1 tlsmgr
        postlog unix-dgram n - n - 1 postlogd
        END
        postfix check 2>/dev/null
        postfix start-fg &
        wait
        """#
}
