package io.h2conn.reliability;

import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** The client objects: one that stays, and one that is closed every few seconds with its connections. Safe for threads. */
final class Clients implements AutoCloseable {
    /** So long that on a machine that others keep busy no undisturbed connect fails. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(60);

    private static final int CONNECTIONS_PER_SESSION = 12;
    /** A thread reads its socket itself only where no other one waits. */
    private static final int FEW_CONNECTIONS_PER_SESSION = 2;

    private static final Duration CLOSING = Duration.ofSeconds(40);

    private final Surroundings surroundings;
    private final SSLContext tls;
    private final boolean alone;
    private final DuplexClient steady;
    private volatile DuplexClient doomed;

    Clients(Surroundings surroundings, SSLContext tls, boolean alone) {
        this.surroundings = surroundings;
        this.tls = tls;
        this.alone = alone;
        steady = make();
        doomed = make();
    }

    private DuplexClient make() {
        return DuplexClient.builder()
                .sslContext(tls)
                .maxConnectionsPerSession(alone ? FEW_CONNECTIONS_PER_SESSION : CONNECTIONS_PER_SESSION)
                .maxSessionsPerOrigin(512)
                .connectTimeout(CONNECT_TIMEOUT)
                .idleTimeout(Duration.ofSeconds(5))
                .build();
    }

    DuplexClient of(Plan plan) {
        return plan.ending() == Ending.CLIENT_OBJECT_CLOSED ? doomed : steady;
    }

    /** Puts a new object in the place of the one that is to be closed, and closes that. Blocks. */
    void replace() throws IOException, GeneralSecurityException {
        DuplexClient old = doomed;
        doomed = make();
        close(old);
    }

    private void close(DuplexClient client) {
        Watchdog.Watch watch = surroundings.watchdog().watch("close() of a client", CLOSING);
        client.close();
        watch.over();
    }

    @Override
    public void close() {
        close(doomed);
        close(steady);
    }
}
