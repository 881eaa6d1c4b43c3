/// Real mail servers as healthy remote hosts in clear text, each in namespaces as the gateways' (but for the network). They take mail for remote.test from
/// anybody, refuse any other domain and what is larger than 4,000 octets, and deliver nothing.
enum HealthyScripts {
    static func all(_ kind: HealthyHost.Kind) -> String {
        let own =
            switch kind {
            case .exim: exim
            case .postfix: postfix
            case .opensmtpd: openSMTPD
            case .sendmail: sendmail
            }
        return GatewayScripts.common + own + "\nwait\n"
    }

    private static let exim = #"""
        user Debian-exim 990
        mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
        chown 990:990 /var/spool/exim4 /var/log/exim4
        cat >/etc/exim4/exim4.conf <<END
        primary_hostname = $ME
        spool_directory = /var/spool/exim4
        log_file_path = /var/log/exim4/%s
        exim_path = /usr/sbin/exim4
        disable_ipv6
        keep_environment =
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = $PORT
        message_size_limit = 4000
        tls_advertise_hosts =
        queue_only
        acl_smtp_rcpt = rcpt
        acl_smtp_data = taken
        begin acl
        rcpt:
          accept domains = remote.test
          deny message = relay not permitted
        taken:
          discard
        END
        /usr/sbin/exim4 -bdf &
        """#

    private static let postfix = #"""
        user postfix 993
        user postdrop 994
        mkdir -p /var/spool/postfix /var/lib/postfix
        chown postfix /var/lib/postfix
        cat >/etc/postfix/main.cf <<END
        compatibility_level = 3.6
        myhostname = $ME
        mydestination =
        mynetworks =
        inet_protocols = ipv4
        queue_directory = /var/spool/postfix
        data_directory = /var/lib/postfix
        daemon_directory = /usr/lib/postfix/sbin
        command_directory = /usr/sbin
        maillog_file = /var/log/postfix
        alias_maps =
        message_size_limit = 4000
        in_flow_delay = 0
        smtpd_error_sleep_time = 0
        relay_domains = remote.test
        smtpd_relay_restrictions = reject_unauth_destination
        default_transport = discard
        relay_transport = discard
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
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd
        END
        postfix check 2>/dev/null
        postfix start-fg &
        """#

    private static let openSMTPD = #"""
        for name in opensmtpd _smtpd; do user $name 991; done
        for name in opensmtpq _smtpq; do user $name 992; done
        mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
        chmod 711 /var/spool/smtpd
        echo $ME >/etc/mailname
        cat >/etc/smtpd.conf <<END
        queue ttl 1h
        smtp max-message-size 4000
        listen on 127.0.0.1 port $PORT
        action "away" relay host smtp://127.0.0.1:1
        match from any for domain "remote.test" action "away"
        END
        /usr/sbin/smtpd -d -P mta >/var/log/smtpd 2>&1 &
        """#

    private static let sendmail = #"""
        user smmta 995
        user smmsp 996
        mkdir -p /var/spool/mqueue /etc/mail /var/lib/sendmail
        chmod 700 /var/spool/mqueue
        echo 'hosts files' >/etc/mail/service.switch
        cat >/etc/mail/host.mc <<END
        divert(0)dnl
        OSTYPE(\`linux')dnl
        define(\`confDOMAIN_NAME', \`$ME')dnl
        define(\`confDONT_PROBE_INTERFACES', \`True')dnl
        define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
        define(\`confDEF_USER_ID', \`995:995')dnl
        define(\`confQUEUE_LA', \`1000')dnl
        define(\`confREFUSE_LA', \`1000')dnl
        define(\`confDELAY_LA', \`1000')dnl
        define(\`confDELIVERY_MODE', \`queueonly')dnl
        define(\`confMAX_MESSAGE_SIZE', \`4000')dnl
        define(\`ALIAS_FILE', \`')dnl
        define(\`STATUS_FILE', \`')dnl
        FEATURE(\`no_default_msa')dnl
        FEATURE(\`accept_unresolvable_domains')dnl
        FEATURE(\`nouucp', \`reject')dnl
        DAEMON_OPTIONS(\`Port=$PORT, Addr=127.0.0.1, Name=MTA')dnl
        MAILER(\`local')dnl
        MAILER(\`smtp')dnl
        LOCAL_CONFIG
        C{R}remote.test
        END
        # It relays for its own machine else.
        printf 'LOCAL_RULESETS\nSLocal_check_rcpt\nR$* elsewhere.test $*\t$#error $@ 5.7.1 $: "550 Relaying denied"\n' >>/etc/mail/host.mc
        m4 /usr/share/sendmail/cf/m4/cf.m4 /etc/mail/host.mc >/etc/mail/sendmail.cf
        nc -lkuU /dev/log >/var/log/syslog 2>&1 &
        wait_until 10 test -S /dev/log
        /usr/libexec/sendmail/sendmail -C/etc/mail/sendmail.cf -bD &
        """#
}
