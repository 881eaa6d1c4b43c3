extension GatewayScripts {
    /// Exim passes an open connection on from message to message where its hints say that more wait for the host: `-qq` writes
    /// the hints first. It sends no `RSET`.
    static let exim = #"""
        security() {
            case $TLS in
                clear) echo 'hosts_avoid_tls = *' ;;
                opportunistic) ;;
                required) echo 'hosts_require_tls = *' ;;
                implicit) printf '%s\n' 'protocol = smtps' 'hosts_require_tls = *' ;;
            esac
            [ -z "$AUTH" ] || echo 'hosts_require_auth = *'
        }
        configure() {
            user Debian-exim 990
            mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
            chown 990:990 /var/spool/exim4 /var/log/exim4
            cat >/etc/exim4/exim4.conf <<END
        primary_hostname = gateway.test
        spool_directory = /var/spool/exim4
        log_file_path = /var/log/exim4/%s
        exim_path = /usr/sbin/exim4
        disable_ipv6
        keep_environment =
        remote_max_parallel = 2
        message_size_limit = 0
        begin routers
        $(cat "$DIR/recipe.routers" 2>/dev/null || true)
        bounces:
          driver = redirect
          senders = :
          data = :blackhole:
        all:
          driver = manualroute
          route_data = \${lookup{\$domain}lsearch{$DIR/routes}}
          transport = remote
          self = send
        begin transports
        $(cat "$DIR/recipe.transports" 2>/dev/null || true)
        remote:
          driver = smtp
          port = $PORT
          allow_localhost
          connection_max_messages = 500
          $(security)
        begin retry
        * * F,1h,1s
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          client_send = ^${AUTH/ /^}
        END
        }
        submit() { /usr/sbin/exim4 -odq -oi -f "$@"; }
        empty() { [ "$(/usr/sbin/exim4 -bpc)" = 0 ]; }
        run_queue() { /usr/sbin/exim4 -qqff; empty; }
        deliver() { if [ $RETRIES = yes ]; then wait_until $LIMIT run_queue || true; else /usr/sbin/exim4 -qq; fi; }
        count() {
            cp /var/log/exim4/* /var/log/
            echo "bounced $(awk '$4 == "**" { print $3 }' /var/log/main | sort -u | wc -l)"
            echo "deferred $(awk '$4 == "==" { print $3 }' /var/log/main | sort -u | wc -l)"
            echo "left $(/usr/sbin/exim4 -bpc)"
        }
        """#
}
