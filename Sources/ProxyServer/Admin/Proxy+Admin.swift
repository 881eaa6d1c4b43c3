import AdminProtocol
import Glibc
import NIOCore
import Rules
import Synchronization

/// The admin socket of a running proxy.
extension Proxy {
    /// Listens where the config says. Where nobody wrote the path, that it cannot is no reason not to run.
    func openAdmin(_ settings: AdminSettings) async throws(BindFailure) {
        let before = self.admin.path
        try await self.http.listen(on: settings.http, group: self.admin.loop)
        if let address = self.http.address { self.services.log.write(Line("admin-listening").with("http", address.text)) }
        do throws(AdminSocket.Failure) {
            try await self.admin.listen(on: settings.socket)
        } catch {
            let path = settings.socket ?? ""
            guard !settings.isSocketWritten else { throw BindFailure(listener: "admin", bind: path, because: error.because) }
            return self.services.log.write(
                Line("admin-unavailable", .warn).with("socket", path).with("because", error.because)
                    .with("effect", "mailshim status, sessions, kill, bypass and metrics cannot ask this process"))
        }
        if let path = self.admin.path, path != before { self.services.log.write(Line("admin-listening").with("socket", path)) }
    }

    /// The port is free when the process before has heard that this one is ready.
    private func openHTTPWhenFree(_ endpoint: SocketEndpoint) async {
        var failure: BindFailure?
        for _ in 0..<Self.httpTries where !self.isStopping.load(ordering: .relaxed) {
            do throws(BindFailure) {
                try await self.http.listen(on: endpoint, group: self.admin.loop)
                return self.services.log.write(Line("admin-listening").with("http", self.http.address?.text ?? endpoint.description))
            } catch {
                failure = error
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
        if let failure { self.services.log.write(Line(failure)) }
    }

    /// A minute: twice what a successor may take to be ready.
    private static let httpTries = 300

    /// Makes the socket anew where it was: a successor that came to nothing may have taken it.
    func retakeAdmin() async {
        guard self.admin.path != nil else { return }
        await self.admin.close()
        await self.takeOverAdmin()
    }

    /// Takes the socket of the process whose place this one takes, and its HTTP port as soon as that lets go of it.
    public func takeOverAdmin() async {
        if let endpoint = self.config.admin.http { Task { await self.openHTTPWhenFree(endpoint) } }
        guard let path = self.config.admin.socket else { return }
        do throws(AdminSocket.Failure) {
            try await self.admin.listen(on: path, replacing: .any)
            self.services.log.write(Line("admin-listening").with("socket", path))
        } catch {
            self.services.log.write(Line("admin-unavailable", .warn).with("socket", path).with("because", error.because))
        }
    }
}
