/// Servers that take letters for remote.test and keep them in their queue: for what is asked of a host before it
/// delivers.
extension HostScripts {
    /// Without TLS: its process for private keys does not work in these namespaces.
    static let openSMTPD = #"""
        for name in opensmtpd _smtpd; do user $name 991; done
        for name in opensmtpq _smtpq; do user $name 992; done
        mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
        chmod 711 /var/spool/smtpd
        chgrp 992 /usr/sbin/smtpctl
        chmod 2755 /usr/sbin/smtpctl
        echo $ME >/etc/mailname
        cat >/etc/smtpd.conf <<END
        listen on 127.0.0.1 port $PORT hostname $ME
        action "keep" relay
        match from any for domain "remote.test" action "keep"
        $EXTRA
        END
        /usr/sbin/smtpd -d -P mta >/var/log/smtpd 2>&1 &
        wait
        """#

    static let sendmail = #"""
        user smmta 995
        user smmsp 996
        mkdir -p /var/spool/mqueue /etc/mail /var/lib/sendmail
        chmod 700 /var/spool/mqueue
        keys 0
        echo 'hosts files' >/etc/mail/service.switch
        cat >/etc/mail/host.mc <<END
        divert(0)dnl
        OSTYPE(\`linux')dnl
        define(\`confDOMAIN_NAME', \`$ME')dnl
        define(\`confDONT_PROBE_INTERFACES', \`True')dnl
        define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
        define(\`confDELIVERY_MODE', \`queueonly')dnl
        define(\`confDEF_USER_ID', \`995:995')dnl
        define(\`confQUEUE_LA', \`1000')dnl
        define(\`confREFUSE_LA', \`1000')dnl
        define(\`confDELAY_LA', \`1000')dnl
        define(\`confCACERT_PATH', \`/etc')dnl
        define(\`confCACERT', \`/etc/host.crt')dnl
        define(\`confSERVER_CERT', \`/etc/host.crt')dnl
        define(\`confSERVER_KEY', \`/etc/host.key')dnl
        define(\`ALIAS_FILE', \`')dnl
        define(\`STATUS_FILE', \`')dnl
        define(\`LOCAL_MAILER_PATH', \`/bin/true')dnl
        FEATURE(\`nouucp', \`reject')dnl
        FEATURE(\`no_default_msa')dnl
        FEATURE(\`accept_unresolvable_domains')dnl
        DAEMON_OPTIONS(\`Port=$PORT, Addr=127.0.0.1, Name=MTA')dnl
        $EXTRA
        MAILER(\`local')dnl
        MAILER(\`smtp')dnl
        LOCAL_CONFIG
        Cw$ME
        CP remote.test
        CR remote.test
        END
        m4 /usr/share/sendmail/cf/m4/cf.m4 /etc/mail/host.mc >/etc/mail/sendmail.cf
        nc -lkuU /dev/log >/var/log/syslog 2>&1 &
        /usr/libexec/sendmail/sendmail -C/etc/mail/sendmail.cf -bD &
        wait
        """#
}
