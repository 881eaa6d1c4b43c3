extension GatewayScripts {
    /// Postfix keeps connections for reuse on demand, and sends `RSET` before it reuses one.
    static let postfix = #"""
        security() {
            case $TLS in
                clear) echo 'smtp_tls_security_level = none' ;;
                opportunistic) echo 'smtp_tls_security_level = may' ;;
                required) echo 'smtp_tls_security_level = encrypt' ;;
                implicit) printf '%s\n' 'smtp_tls_security_level = encrypt' 'smtp_tls_wrappermode = yes' ;;
            esac
            # Without this a connection with TLS is for one message.
            printf '%s\n' 'smtp_tls_connection_reuse = yes' 'smtp_tls_loglevel = 1'
            [ -z "$AUTH" ] || printf '%s\n' 'smtp_sasl_auth_enable = yes' "smtp_sasl_password_maps = static:${AUTH/ /:}" \
                'smtp_sasl_security_options = noanonymous'
        }
        configure() {
            user postfix 993
            user postdrop 994
            mkdir -p /var/spool/postfix /var/lib/postfix
            chown postfix /var/lib/postfix
            sed 's/ \(.*\)/ smtp:[\1]:'$PORT'/' "$DIR/routes" >/etc/postfix/transport
            echo 'gateway.test discard:' >>/etc/postfix/transport
            cat "$DIR/recipe.transport" >>/etc/postfix/transport 2>/dev/null || true
            cat >/etc/postfix/main.cf <<END
        compatibility_level = 3.6
        myhostname = gateway.test
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_interfaces = all
        inet_protocols = ipv4
        queue_directory = /var/spool/postfix
        data_directory = /var/lib/postfix
        daemon_directory = /usr/lib/postfix/sbin
        command_directory = /usr/sbin
        maillog_file = /var/log/postfix
        alias_maps =
        local_recipient_maps =
        message_size_limit = 0
        transport_maps = texthash:/etc/postfix/transport
        $(security)
        smtp_connection_cache_destinations = static:all
        smtp_host_lookup = native
        initial_destination_concurrency = $((CONCURRENCY < 5 ? CONCURRENCY : 5))
        default_destination_concurrency_limit = $CONCURRENCY
        minimal_backoff_time = 1s
        maximal_backoff_time = 1s
        queue_run_delay = 1s
        in_flow_delay = 0
        END
            cat >/etc/postfix/master.cf <<END
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 1 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        tlsmgr unix - - n 1000? 1 tlsmgr
        tlsproxy unix - - n - 0 tlsproxy
        postlog unix-dgram n - n - 1 postlogd
        END
            chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
            chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
            postfix check 2>/dev/null
        }
        submit() { /usr/sbin/sendmail -oi -f "$@" 2>/dev/null; }
        queued() { find /var/spool/postfix/{maildrop,incoming,active} -type f | wc -l; }
        waiting() { find /var/spool/postfix/deferred -type f | wc -l; }
        empty() { [ "$(queued)" = 0 ] && { [ $RETRIES = no ] || [ "$(waiting)" = 0 ]; }; }
        deliver() { postfix start 2>/dev/null; wait_until $LIMIT empty || true; }
        count() {
            postfix stop 2>/dev/null || true
            of() { sed -n "s|.*postfix/smtp\[[0-9]*\]: \([0-9A-Za-z]*\): .*status=$1 .*|\1|p" /var/log/postfix | sort -u | wc -l; }
            echo "bounced $(of bounced)"
            echo "deferred $(of deferred)"
            echo "left $(($(queued) + $(waiting)))"
        }
        """#
}
