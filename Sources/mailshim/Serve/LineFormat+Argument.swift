public import ArgumentParser
public import ProxyServer

extension LineFormat: ExpressibleByArgument {}
