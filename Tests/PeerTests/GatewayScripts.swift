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

    static let common = #"""
        set -euo pipefail
        hostname $ME
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
        printf '127.0.0.1 %s localhost\n' $ME >"$ns/hosts"
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
                cat "$DIR/recipe.config" 2>/dev/null || true
            } >/etc/smtpd.conf
            /usr/sbin/smtpd -d -P mta >/var/log/smtpd 2>&1 &
            # The socket is there before anybody listens on it.
            wait_until 20 answers
        }
        answers() { test -S /run/smtpd.sock && smtpctl show status >/dev/null 2>&1; }
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
        $(cat "$DIR/recipe.mc" 2>/dev/null || true)
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
            if [ -e "$DIR/recipe.mailertable" ]; then /usr/libexec/sendmail/makemap hash /etc/mail/mailertable <"$DIR/recipe.mailertable"; fi
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
