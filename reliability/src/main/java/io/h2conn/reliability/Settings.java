package io.h2conn.reliability;

import java.util.List;

/**
 * What the processes are told at their start.
 *
 * @param seed decides everything that is decided at random
 * @param rate new connections a second
 * @param maxOpen open connections at most
 * @param alone whether few connections share a TCP connection
 * @param ports of the relay, by {@link #port}; empty for the server
 */
record Settings(long seed, double rate, int maxOpen, boolean alone, List<Integer> ports) {
    /** How many kinds of sessions there are: with and without TLS, with and without faults. */
    static final int KINDS = 4;

    /** The kind of a connection's session. */
    static int kind(boolean tls, boolean faulty) {
        return (tls ? 2 : 0) + (faulty ? 1 : 0);
    }

    /** Where the client connects to. */
    int port(Plan plan) {
        return ports.get(kind(plan.tls(), plan.faulty()));
    }

    String format() {
        return seed + " " + rate + " " + maxOpen + " " + alone + " "
                + String.join(" ", ports.stream().map(String::valueOf).toList());
    }

    static Settings parse(String line) {
        List<String> words = List.of(line.strip().split(" "));
        return new Settings(
                Long.parseLong(words.get(0)),
                Double.parseDouble(words.get(1)),
                Integer.parseInt(words.get(2)),
                Boolean.parseBoolean(words.get(3)),
                words.stream().skip(4).map(Integer::valueOf).toList());
    }
}
