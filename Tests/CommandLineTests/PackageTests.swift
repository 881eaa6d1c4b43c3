import Foundation
import Testing

/// `scripts/package`, with the binary beside the tests: nothing is built for it.
@Suite(.serialized) struct PackageTests {
    private static let root = Folder.ofRepository

    private static func isThere(_ tools: String...) -> Bool {
        tools.allSatisfy { tool in ["/usr/bin/", "/usr/sbin/", "/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + tool) } }
    }

    private func shell(_ script: String, in folder: Folder) async throws -> Program.Result {
        try await Shell.run(folder.write("script.sh", "cd '\(folder.url.path)' && { \(script); } 2>&1").path, within: 200)
    }

    @Test(.enabled(if: isThere("dpkg-deb", "dpkg-shlibdeps", "lintian", "man", "python3", "strip"), "scripts/setup installs what it needs"))
    func thePackageIsAsDebianWantsIt() async throws {
        let folder = try Folder()
        let root = try #require(Self.root).path
        let make = "DEBEMAIL=packager@debian.org '\(root)/scripts/package' --binary '\(Program.path)' --fast --output ."
        let made = try await self.shell(make, in: folder)
        try #require(made.status == 0, "\(made.output)")
        let package = made.lines.last ?? ""

        let lintian = try await self.shell("lintian '\(package)' 2>/dev/null", in: folder)
        #expect(lintian.output == "")

        let list = try await self.shell("dpkg-deb -c '\(package)'; dpkg-deb -f '\(package)'; dpkg-deb --ctrl-tarfile '\(package)' | tar -xO ./conffiles", in: folder).output
        for path in [
            "./usr/sbin/mailshim", "./etc/mailshim/mailshim.toml", "./usr/lib/sysusers.d/mailshim.conf", "./usr/lib/systemd/system/mailshim.service",
            "./usr/lib/systemd/system/mailshim-firewall.service", "./usr/share/man/man8/mailshim.8.gz", "./usr/share/man/man5/mailshim.toml.5.gz",
            "./usr/share/man/man5/mailshim-log.5.gz", "./usr/share/man/man5/mailshim-metrics.5.gz",
            "./usr/share/bash-completion/completions/mailshim", "./usr/share/zsh/vendor-completions/_mailshim",
            "./usr/share/fish/vendor_completions.d/mailshim.fish",
        ] { #expect(list.contains(path), "\(path)") }
        #expect(list.contains("libssl3") && list.contains("\n/etc/mailshim/mailshim.toml"))

        let unpacked = try await self.shell("dpkg-deb -x '\(package)' root && gunzip root/usr/share/man/man*/*.gz", in: folder)
        #expect(unpacked.output == "")
        // Each command and each key has its place, and nothing in it is no roff.
        let pages = try await self.shell("for page in root/usr/share/man/man*/*; do man --warnings=w -l $page >$(basename $page).text; done", in: folder)
        #expect(pages.output == "")
        let help = try await Program.run("help").output
        let page = folder.read("mailshim.8.text")
        for command in help.components(separatedBy: "SUBCOMMANDS:").last?.split(separator: "\n").compactMap({ $0.split(separator: " ").first }) ?? []
        where command.first?.isLowercase == true && help.contains("\n  \(command) ") { #expect(page.contains("\n   \(command)"), "\(command)") }
        #expect(folder.read("mailshim.toml.5.text").contains("sessions-per-gateway = 2000"))
        let metrics = folder.read("mailshim-metrics.5.text")
        for line in try await Program.run("metrics", "--describe").lines where line.hasPrefix("mailshim_") {
            #expect(metrics.contains("\n       \(line.split(separator: " ")[0]) ("), "\(line)")
        }
        #expect(folder.read("mailshim-log.5.text").contains("\n       event=own-reply\n"))
        let check = try await Program.run("check", "--config", folder.path("root/etc/mailshim/mailshim.toml"))
        #expect(check.status == 0, "\(check.errors)")
        let completion = try await self.shell("bash -n root/usr/share/bash-completion/completions/mailshim", in: folder)
        #expect(completion.status == 0 && completion.output == "")
    }

    /// The same input, the same octets.
    @Test(.enabled(if: isThere("dpkg-deb", "dpkg-shlibdeps", "python3", "strip"), "scripts/setup installs what it needs"))
    func thePackageIsTheSameTwice() async throws {
        let folder = try Folder()
        let root = try #require(Self.root).path
        // A small program in its place: it answers what the packaging asks.
        let answers = "case $1 in --version) echo mailshim 9.9;; --experimental-dump-help) echo '{\"command\":{\"commandName\":\"mailshim\",\"abstract\":\"x\"}}';; esac"
        try folder.write("answers", "#!/bin/sh\n\(answers)\n")
        let make = """
            cp /usr/bin/true binary; export SOURCE_DATE_EPOCH=1700000000 DEBEMAIL=packager@debian.org; chmod 755 answers
            for n in 1 2; do '\(root)/scripts/package' --binary binary --answers ./answers --fast --output out$n || exit 1; sleep 1; done
            cat out1/*.deb | sha256sum >1; cat out2/*.deb | sha256sum >2; cmp 1 2 && ls out1
            """
        let made = try await self.shell(make, in: folder)
        #expect(made.status == 0 && made.lines.last?.hasPrefix("mailshim_9.9_") == true, "\(made.output)")
    }

    @Test(.enabled(if: isThere("systemd-analyze"), "needs systemd"), arguments: ["mailshim.service", "mailshim-firewall.service"])
    func theUnitsAreSoundAndHardened(_ unit: String) async throws {
        let folder = try Folder()
        let text = try #require(Self.root).readFile("packaging/systemd/\(unit)")
        try folder.write(unit, text.replacing("/usr/sbin/mailshim", with: Program.path))
        let verified = try await self.shell("systemd-analyze verify --man=no --recursive-errors=no ./\(unit)", in: folder)
        #expect(verified.output == "" && verified.status == 0)
        let exposure = try await self.shell("systemd-analyze security --offline=true --threshold=20 ./\(unit) | tail -1", in: folder).output
        let figure = exposure.split(separator: " ").compactMap { Double($0) }.first
        #expect(try #require(figure, "\(exposure)") <= 2.0)
    }

    /// A unit that has a wrong key is found: systemd-analyze itself ends with 0 then.
    @Test(.enabled(if: isThere("systemd-analyze"), "needs systemd")) func aWrongKeyIsFound() async throws {
        let folder = try Folder()
        try folder.write("a.service", "[Service]\nExecStart=/bin/true\nTimoutStopSec=1\n")
        #expect(try await self.shell("systemd-analyze verify --man=no --recursive-errors=no ./a.service", in: folder).output.contains("TimoutStopSec"))
    }
}
