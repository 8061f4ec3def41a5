package io.h2conn.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;

/** The Go program as a server. */
final class GoServer {
    private static final String LISTENING = "listening ";

    private final Wire wire;
    private final int port;
    private final ForeignProcess process;

    /** Waits until it listens. */
    GoServer(Wire wire, ForeignProcess process) throws InterruptedException {
        this.wire = wire;
        this.process = process;
        String line = process.line();
        assertThat(line).startsWith(LISTENING);
        this.port = Integer.parseInt(line.substring(LISTENING.length()));
    }

    URI uri(String pathAndQuery) {
        return wire.uri(port, pathAndQuery);
    }

    ForeignProcess process() {
        return process;
    }
}
