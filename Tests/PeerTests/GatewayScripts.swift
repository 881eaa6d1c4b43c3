/// The gateways' scripts, which run in namespaces of their own: a gateway's packages lie over /usr and /etc there, and its users,
/// spool and logs are nobody else's. Each defines `configure`, `submit`, `deliver` and `count`.
enum GatewayScripts {
    static func all(_ gateway: Gateway) -> String {
        let own =
            switch gateway {
            case .exim: exim
            case .postfix: postfix
            case .opensmtpd: openSMTPD
            case .sendmail: sendmail
            }
        return common + own + main
    }

    private static let common = #"""
        set -euo pipefail
        hostname gateway.test
        ns=$DIR/ns
        mkdir -p "$ns" "$DIR/log"
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 tmpfs "$ns"
        mkdir "$ns"/{usr,usr.w,etc,etc.w,lib,lib.w,spool,run,dev}
        for n in null zero full random urandom tty; do : >"$ns/dev/$n"; mount --bind "/dev/$n" "$ns/dev/$n"; done
        ln -s /proc/self/fd "$ns/dev/fd"
        mount --rbind "$ns/dev" /dev
        mkdir -p "$PEERS/$NAME/etc"
        over() { mount -t overlay overlay -o "lowerdir=$1,upperdir=$ns/$2,workdir=$ns/$2.w" "$3"; }
        over "$PEERS/$NAME/usr:/usr" usr /usr
        over "$PEERS/$NAME/etc:/etc" etc /etc
        over /var/lib lib /var/lib
        mount --bind "$ns/spool" /var/spool
        mount --bind "$ns/run" /run
        mount --bind "$DIR/log" /var/log
        printf '127.0.0.1 gateway.test localhost\n' >"$ns/hosts"
        printf 'nameserver 127.0.0.1\n' >"$ns/resolv.conf"
        for f in hosts resolv.conf; do mountpoint -q /etc/$f && umount /etc/$f || true; cat "$ns/$f" >/etc/$f; done
        user() {
            sed -i "/^$1:/d" /etc/passwd /etc/group
            echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
            echo "$1:x:$2:" >>/etc/group
        }
        # wait_until SECONDS COMMAND...
        wait_until() {
            local end=$((SECONDS + $1))
            shift
            until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done
        }

        """#

    private static let main = #"""

        configure
        for envelope in "$DIR"/queue/*.envelope; do
            read -ra words <"$envelope"
            submit "${words[@]}" <"${envelope%.envelope}.letter"
        done
        start=$(date +%s%N)
        deliver
        end=$(date +%s%N)
        count
        echo "seconds $(((end - start) / 1000000))e-3"

        """#

    /// Exim passes an open connection on from message to message where its hints say that more wait for the host: `-qq` writes
    /// the hints first. It sends no `RSET`.
    private static let exim = #"""
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
        remote:
          driver = smtp
          port = $PORT
          allow_localhost
          connection_max_messages = 500
          hosts_avoid_tls = *
        begin retry
        * * F,1h,1s
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

    /// Postfix keeps connections for reuse on demand, and sends `RSET` before it reuses one.
    private static let postfix = #"""
        configure() {
            user postfix 993
            user postdrop 994
            mkdir -p /var/spool/postfix /var/lib/postfix
            chown postfix /var/lib/postfix
            sed 's/ \(.*\)/ smtp:[\1]:'$PORT'/' "$DIR/routes" >/etc/postfix/transport
            echo 'gateway.test discard:' >>/etc/postfix/transport
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
        smtp_tls_security_level = none
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

    /// OpenSMTPD takes up to 100 messages a connection, and sends `RSET` only after a failure.
    private static let openSMTPD = #"""
        configure() {
            for name in opensmtpd _smtpd; do user $name 991; done
            for name in opensmtpq _smtpq; do user $name 992; done
            mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
            chmod 711 /var/spool/smtpd
            chgrp 992 /usr/sbin/smtpctl
            chmod 2755 /usr/sbin/smtpctl
            echo gateway.test >/etc/mailname
            {
                echo 'queue ttl 1h'
                echo 'smtp max-message-size 100M'
                while read -r domain address; do
                    echo "action \"$domain\" relay host smtp://$address:$PORT helo gateway.test"
                    echo "match from any for domain \"$domain\" action \"$domain\""
                done <"$DIR/routes"
            } >/etc/smtpd.conf
            /usr/sbin/smtpd -d -P mta >/var/log/smtpd 2>&1 &
            wait_until 10 test -S /run/smtpd.sock
        }
        submit() { /usr/sbin/sendmail -f "$@"; }
        queued() { smtpctl show queue | wc -l; }
        running() { smtpctl show queue | grep -v '|pending|' | wc -l; }
        empty() { [ "$(queued)" = 0 ] || { [ $RETRIES = no ] && grep -q TempFail /var/log/smtpd && idle; }; }
        idle() { [ "$(smtpctl show queue | grep -cE '\|(inflight|runnable)\|')" = 0 ]; }
        retry() { empty || { smtpctl schedule all >/dev/null 2>&1; false; }; }
        deliver() {
            smtpctl resume mta >/dev/null
            if [ $RETRIES = yes ]; then wait_until $LIMIT retry || true; else wait_until $LIMIT empty || true; fi
        }
        count() {
            of() { sed -n "s/.* mta delivery .*from=<\([^>]*\)>.*result=\"$1\".*/\1/p" /var/log/smtpd | sort -u | wc -l; }
            echo "bounced $(of PermFail)"
            echo "deferred $(of TempFail)"
            echo "left $(queued)"
        }
        """#

    /// sendmail keeps a connection open from one message of a queue run to the next, and probes it with `RSET`.
    private static let sendmail = #"""
        configure() {
            user smmta 995
            user smmsp 996
            mkdir -p /var/spool/mqueue /etc/mail /var/lib/sendmail
            chmod 700 /var/spool/mqueue
            printf '%s\n' '#!/bin/sh' 'cat >/dev/null' 'echo "$1" >>/var/log/bounces' >/etc/mail/keep
            chmod 755 /etc/mail/keep
            echo 'hosts files' >/etc/mail/service.switch
            cat >/etc/mail/gateway.mc <<END
        divert(0)dnl
        OSTYPE(\`linux')dnl
        define(\`confDOMAIN_NAME', \`gateway.test')dnl
        define(\`confMCI_CACHE_SIZE', \`2')dnl
        define(\`confMCI_CACHE_TIMEOUT', \`5m')dnl
        define(\`confEIGHT_BIT_HANDLING', \`pass8')dnl
        define(\`confDONT_PROBE_INTERFACES', \`True')dnl
        define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
        define(\`confDEF_USER_ID', \`995:995')dnl
        define(\`confQUEUE_SORT_ORDER', \`host')dnl
        define(\`confQUEUE_LA', \`1000')dnl
        define(\`confREFUSE_LA', \`1000')dnl
        define(\`confDELAY_LA', \`1000')dnl
        define(\`confTO_HOSTSTATUS', \`1s')dnl
        define(\`ALIAS_FILE', \`')dnl
        define(\`STATUS_FILE', \`')dnl
        define(\`RELAY_MAILER_ARGS', \`TCP \$h $PORT')dnl
        define(\`LOCAL_MAILER_PATH', \`/etc/mail/keep')dnl
        define(\`LOCAL_MAILER_ARGS', \`keep \$u')dnl
        define(\`LOCAL_MAILER_FLAGS', \`lsDFMS')dnl
        FEATURE(\`nouucp', \`reject')dnl
        MAILER(\`local')dnl
        MAILER(\`smtp')dnl
        LOCAL_CONFIG
        Cwgateway.test
        LOCAL_RULE_0
        END
            while read -r domain address; do
                printf 'R$* < @ %s $* > $*\t$#relay $@ [%s] $: $1 < @ %s > $3\n' "$domain" "$address" "$domain"
            done <"$DIR/routes" >>/etc/mail/gateway.mc
            m4 /usr/share/sendmail/cf/m4/cf.m4 /etc/mail/gateway.mc >/etc/mail/sendmail.cf
            nc -lkuU /dev/log >/var/log/syslog 2>&1 &
            wait_until 10 test -S /dev/log
        }
        program() { /usr/libexec/sendmail/sendmail -C/etc/mail/sendmail.cf -Am "$@"; }
        submit() { program -odq -oi -f "$@"; }
        queued() { { grep -lsE '^S<?s[0-9]' /var/spool/mqueue/qf* || true; } | wc -l; }
        run_queue() { program -qf || true; [ "$(queued)" = 0 ]; }
        deliver() { if [ $RETRIES = yes ]; then wait_until $LIMIT run_queue || true; else program -qf || true; fi; }
        count() {
            tr -d '\0' </var/log/syslog | sed 's/<[0-9]*>[A-Z][a-z][a-z] /\n/g' >/var/log/sendmail
            of() { sed -n "s/.* sendmail\[[0-9]*\]: \([^:]*\): $1.*/\1/p" /var/log/sendmail | sort -u | wc -l; }
            echo "bounced $(of '[^:]*: DSN: ')"
            echo "deferred $(of '.*stat=Deferred')"
            echo "left $(queued)"
        }
        """#
}
