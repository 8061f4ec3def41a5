package io.h2conn.server;

import io.h2conn.Origin;
import io.h2conn.TlsException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Puts another certificate in the place of a server's, once it is known to work. */
final class TlsChange {
    /** Far more steps than a handshake has. */
    private static final int MAX_STEPS = 200;

    private TlsChange() {}

    /**
     * Prepares a factory before it starts: no protocol that is older than HTTP/2 wants (RFC 9113, section 9.2), and those
     * ciphers first that it does not forbid.
     */
    static void prepare(SslContextFactory.Server factory) {
        factory.addExcludeProtocols("TLSv1", "TLSv1.1");
        if (factory.getCipherComparator() == null) {
            factory.setCipherComparator(HTTP2Cipher.COMPARATOR);
        }
    }

    /**
     * Changes the context of a factory that runs.
     *
     * @throws TlsException if it cannot serve; then nothing has changed
     */
    static void apply(SslContextFactory.Server factory, SSLContext context) throws TlsException {
        try {
            handshake(context);
        } catch (GeneralSecurityException | SSLException | RuntimeException e) {
            throw new TlsException(
                    "the new TLS context cannot serve, and the old one stays in use: " + e.getMessage(),
                    Origin.LOCAL,
                    e);
        }
        SSLContext old = factory.getSslContext();
        try {
            factory.reload(changed -> changed.setSslContext(context));
        } catch (Exception e) {
            restore(factory, old, e);
            throw new TlsException(
                    "the new TLS context cannot be used, and the old one stays in use: " + e.getMessage(),
                    Origin.LOCAL,
                    e);
        }
    }

    private static void restore(SslContextFactory.Server factory, SSLContext old, Exception failure) {
        try {
            factory.reload(changed -> changed.setSslContext(old));
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }

    /** A handshake in memory: the only way to learn whether a context has a key that it can use. */
    private static void handshake(SSLContext context) throws GeneralSecurityException, SSLException {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new TrustEverybody()}, new SecureRandom());
        SSLEngine client = trusting.createSSLEngine("localhost", 0);
        client.setUseClientMode(true);
        SSLEngine server = context.createSSLEngine();
        server.setUseClientMode(false);
        client.beginHandshake();
        server.beginHandshake();
        ByteBuffer toServer = ByteBuffer.allocate(client.getSession().getPacketBufferSize() * 2);
        ByteBuffer toClient = ByteBuffer.allocate(server.getSession().getPacketBufferSize() * 2);
        for (int i = 0; i < MAX_STEPS; i++) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
            if (isIdle(client) && isIdle(server)) {
                return;
            }
        }
        throw new SSLException("the handshake does not end");
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer application = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        } else if (status == HandshakeStatus.NEED_UNWRAP || status == HandshakeStatus.NEED_UNWRAP_AGAIN) {
            in.flip();
            SSLEngineResult unused = engine.unwrap(in, application);
            in.compact();
        } else if (status == HandshakeStatus.NEED_WRAP
                || (engine.getUseClientMode()
                        && engine.getSession().getProtocol().equals("NONE"))) {
            SSLEngineResult unused = engine.wrap(ByteBuffer.allocate(0), out);
        }
    }

    private static boolean isIdle(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    /** The client here is this server itself. */
    private static final class TrustEverybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
