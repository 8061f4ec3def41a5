package io.h2conn.benchmarks.peer;

import java.util.List;
import java.util.stream.Collectors;

/** The peers that are written in Java. */
public final class Peers {
    /** All of them, in the order of the tables. */
    public static final List<Peer> ALL = List.of(
            new SocketPeer(),
            new GrpcPeer(false),
            new GrpcPeer(true),
            new JettyWebSocketPeer(),
            H2connPeer.embedded(),
            H2connPeer.embeddedNonBlocking(),
            H2connPeer.mounted(),
            H2connPeer.mountedNonBlocking(),
            H2connPeer.ungathered(),
            H2connPeer.direct(),
            H2connPeer.directOnPlatformThreads(),
            H2connPeer.directNonBlocking(),
            H2connPeer.polling());

    private Peers() {}

    /**
     * Finds one.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Peer named(String name) {
        return ALL.stream()
                .filter(peer -> peer.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("no peer " + name + "; there are "
                        + ALL.stream().map(Peer::name).collect(Collectors.joining(", "))));
    }
}
