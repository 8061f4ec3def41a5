package io.h2conn.benchmarks.peer;

/**
 * How many connections there are, and how many TCP connections carry them. A peer that cannot share them opens as many as
 * there are connections.
 *
 * @param connections in all
 * @param sessions TCP connections; they carry the same number of connections each
 */
public record Layout(int connections, int sessions) {
    public Layout {
        if (sessions < 1 || connections < sessions || connections % sessions != 0) {
            throw new IllegalArgumentException(
                    connections + " connections cannot be spread evenly over " + sessions + " sessions");
        }
    }

    public int connectionsPerSession() {
        return connections / sessions;
    }
}
