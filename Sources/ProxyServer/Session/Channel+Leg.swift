import NIOCore

extension Channel {
    /// Makes it a leg of a session: half closes are heard, and reads are as `UnpooledReceive` has them. In its initializer; as options of a bootstrap each
    /// of these would be a future.
    func becomeLeg() throws {
        guard let options = self.syncOptions else { throw ChannelError.operationUnsupported }
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.recvAllocator, value: UnpooledReceive())
        try options.setOption(.maxMessagesPerRead, value: 1)
    }
}
