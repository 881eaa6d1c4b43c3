/// Every metric that there is, in the order in which they are written.
public enum MetricCatalogue {
    static let build = MetricFamily("mailshim_build_info", .gauge, "The version that runs; always 1.", ["version"])
    static let ready = MetricFamily("mailshim_ready", .gauge, "Whether what is checked is as it must be for mail to flow.", ["check"])
    static let active = MetricFamily("mailshim_sessions_active", .gauge, "Sessions, by what they are doing.", ["listener", "phase"])
    static let mostSessions = MetricFamily("mailshim_sessions_limit", .gauge, "Sessions that there may be at once.")
    static let waiting = MetricFamily("mailshim_sessions_waiting", .gauge, "Sessions, by whom they wait for.", ["for"])
    static let sessions = MetricFamily("mailshim_sessions_total", .counter, "Sessions that began.", ["listener"])
    static let ends = MetricFamily(
        "mailshim_sessions_ended_total", .counter, "Sessions that ended, by whose doing it was.", ["listener", "end"])
    static let refusals = MetricFamily(
        "mailshim_gateway_sessions_refused_total", .counter, "Connections of gateways that were refused.", ["listener", "reason"])
    static let messages = MetricFamily("mailshim_messages_total", .counter, "Messages that came to their end, by how far they had come.",
        ["listener", "outcome", "stage"])
    static let recipients = MetricFamily("mailshim_recipients_total", .counter, "Recipients.", ["listener", "outcome"])
    static let octets = MetricFamily("mailshim_message_bytes_total", .counter, "Octets of accepted messages.", ["listener"])
    static let replies = MetricFamily(
        "mailshim_replies_total", .counter, "4xx and 5xx that gateways heard, by whose words they were and what they answer.",
        ["origin", "class", "command"])
    static let repairs = MetricFamily("mailshim_quirk_repairs_total", .counter, "Repairs.", ["quirk", "action", "outcome"])
    static let repairDuration = MetricFamily(
        "mailshim_quirk_repair_duration_seconds", .histogram, "How long gateways waited for repairs.")
    static let detections = MetricFamily(
        "mailshim_quirk_detections_total", .counter, "Times that a quirk was found or suspected at a host.", ["quirk"])
    static let saved = MetricFamily(
        "mailshim_messages_saved_total", .counter, "Repairs that made up for a refusal, by what it would have led to.", ["quirk", "would"])
    static let uses = MetricFamily("mailshim_quirk_uses_total", .counter, "Times that a quirk made a difference without a repair.", ["quirk"])
    static let alterations = MetricFamily(
        "mailshim_alterations_total", .counter, "What was changed in what gateways and remotes said, besides the repairs.", ["what"])
    static let connections = MetricFamily("mailshim_remote_connections_total", .counter, "Connections to remotes.", ["kind", "outcome"])
    static let remoteReplies = MetricFamily(
        "mailshim_remote_reply_duration_seconds", .histogram, "How long sessions waited for remotes.", ["command"])
    static let ownLatency = MetricFamily("mailshim_own_latency_seconds", .histogram, "How long Mailshim took to pass on what had come.")
    static let slotWaits = MetricFamily(
        "mailshim_slot_waits_total", .counter, "Waits for a place at a remote (connections, pause) that ended.", ["outcome"])
    static let handshakes = MetricFamily("mailshim_tls_handshakes_total", .counter, "TLS handshakes.", ["leg", "version", "resumed", "verified"])
    static let handshakeFailures = MetricFamily("mailshim_tls_failures_total", .counter, "TLS that failed.", ["leg"])
    static let clear = MetricFamily(
        "mailshim_cleartext_messages_total", .counter, "Messages accepted over a remote connection in clear text.", ["reason"])
    static let entries = MetricFamily("mailshim_learned_entries", .gauge, "Entries of the learned store.", ["quirk", "origin"])
    static let learnedEvents = MetricFamily(
        "mailshim_learned_events_total", .counter, "What happened to entries of the learned store.", ["quirk", "event"])
    static let state = MetricFamily("mailshim_state_ok", .gauge, "Whether the file of the learned store can be used.")
    static let bypasses = MetricFamily("mailshim_bypasses_active", .gauge, "Remotes that mail goes to unread, by mailshim bypass.")
    static let reloadOK = MetricFamily("mailshim_config_last_reload_successful", .gauge, "Whether the config was taken when it was read last.")
    static let reloaded = MetricFamily("mailshim_config_last_reload_timestamp_seconds", .gauge, "When a config was taken last.")
    static let certificates = MetricFamily(
        "mailshim_certificate_not_after_timestamp_seconds", .gauge, "When a listener's certificate expires.", ["listener"])
    static let redirects = MetricFamily(
        "mailshim_redirect_rules_ok", .gauge, "Whether the rules of mailshim firewall watch lead mail here.", ["family"])
    static let redirected = MetricFamily(
        "mailshim_redirect_packets_total", .counter, "Connections that the rules led here, or past.", ["family", "way"])
    static let dropped = MetricFamily("mailshim_log_lines_dropped_total", .counter, "Lines of the log that nobody read in time.")
    static let lag = MetricFamily("mailshim_event_loop_lag_seconds", .gauge, "How long a task waits for its turn, in the slowest event loop.")
    static let cpu = MetricFamily("process_cpu_seconds_total", .counter, "CPU time, user and system.")
    static let openFiles = MetricFamily("process_open_fds", .gauge, "Open file descriptors.")
    static let mostFiles = MetricFamily("process_max_fds", .gauge, "File descriptors that may be open.")
    static let resident = MetricFamily("process_resident_memory_bytes", .gauge, "Resident memory.")
    static let virtual = MetricFamily("process_virtual_memory_bytes", .gauge, "Virtual memory.")
    static let started = MetricFamily("process_start_time_seconds", .gauge, "When the process started.")

    public static let all: [MetricFamily] = [
        build, ready, active, mostSessions, waiting, sessions, ends, refusals, messages, recipients, octets, replies, repairs, repairDuration, detections, saved, uses, alterations,
        connections, remoteReplies, ownLatency, slotWaits, handshakes, handshakeFailures, clear, entries, learnedEvents, state, bypasses, reloadOK,
        reloaded, certificates, redirects, redirected, dropped, lag, cpu, openFiles, mostFiles, resident, virtual, started,
    ]
}
