package io.h2conn.client;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** Makes of what the user knows about TLS what Jetty wants. */
final class TlsSettings {
    @Nullable
    SSLContext context;

    @Nullable
    KeyStore trustStore;

    @Nullable
    KeyStore keyStore;

    char @Nullable [] keyPassword;

    boolean trustAll;

    boolean verifyHostName = true;

    /**
     * Jetty's form of these settings. The context is made here rather than by Jetty, which would trust the certificates
     * of a key store when there is no trust store.
     *
     * @throws IllegalArgumentException if a key store cannot be used
     * @throws IllegalStateException if settings contradict each other
     */
    SslContextFactory.Client toFactory() {
        if (context != null && (trustStore != null || keyStore != null || trustAll)) {
            throw new IllegalStateException(
                    "an SSLContext has its own trust and keys: set either it or trustStore, keyStore and trustAll");
        }
        if (trustAll && trustStore != null) {
            throw new IllegalStateException("trustAll makes the trustStore pointless: set one of them");
        }
        SslContextFactory.Client factory = new SslContextFactory.Client();
        factory.setSslContext(context != null ? context : newContext());
        // RFC 9113, section 9.2: TLS 1.2 at least, and of its ciphers none from appendix A.
        factory.addExcludeProtocols("TLSv1", "TLSv1.1");
        factory.addExcludeCipherSuites(Arrays.stream(
                        factory.getSslContext().getSupportedSSLParameters().getCipherSuites())
                .filter(HTTP2Cipher::isBlackListCipher)
                .map(Pattern::quote)
                .toArray(String[]::new));
        factory.setEndpointIdentificationAlgorithm(verifyHostName && !trustAll ? "HTTPS" : null);
        return factory;
    }

    private SSLContext newContext() {
        try {
            KeyManager[] keys = null;
            if (keyStore != null) {
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(keyStore, keyPassword);
                keys = factory.getKeyManagers();
            }
            TrustManager[] trust = null;
            if (trustAll) {
                trust = new TrustManager[] {new TrustEverybody()};
            } else if (trustStore != null) {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(trustStore);
                trust = factory.getTrustManagers();
            }
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(keys, trust, new SecureRandom());
            return made;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the trust store or the key store cannot be used: " + e.getMessage(), e);
        }
    }

    /** What {@link DuplexClient.Builder#trustAll} asks for. */
    private static final class TrustEverybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

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
