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

    /// Makes the socket anew where it was: a successor that came to nothing may have taken it.
    func retakeAdmin() async {
        guard self.admin.path != nil else { return }
        await self.admin.close()
        await self.takeOverAdmin()
    }

    /// Takes the socket of the process whose place this one takes.
    public func takeOverAdmin() async {
        guard let path = self.config.admin.socket else { return }
        do throws(AdminSocket.Failure) {
            try await self.admin.listen(on: path, replacing: .any)
            self.services.log.write(Line("admin-listening").with("socket", path))
        } catch {
            self.services.log.write(Line("admin-unavailable", .warn).with("socket", path).with("because", error.because))
        }
    }
}
