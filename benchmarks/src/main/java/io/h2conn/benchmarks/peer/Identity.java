package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The key and the certificate that all peers use under TLS: of the directory that the system property {@value #PROPERTY}
 * names, or else the environment variable {@value #DIRECTORY}.
 */
public final class Identity {
    /** Names the directory, to peers in other languages, too. */
    public static final String DIRECTORY = "H2CONN_BENCHMARK_IDENTITY";

    /** Names the directory within one process, where the environment cannot be set. */
    public static final String PROPERTY = "h2conn.benchmark.identity";

    /** Of the key store; it protects nothing. */
    public static final char[] PASSWORD = "benchmark".toCharArray();

    private Identity() {}

    private static Path directory() {
        String directory = System.getProperty(PROPERTY, System.getenv(DIRECTORY));
        if (directory == null) {
            throw new IllegalStateException("TLS needs a key: name its directory in the environment as " + DIRECTORY);
        }
        return Path.of(directory);
    }

    /** The private key, PKCS #8 in PEM. */
    public static Path key() {
        return directory().resolve("key.pem");
    }

    /** The certificate in PEM, for 127.0.0.1 and localhost; signed by itself. */
    public static Path certificate() {
        return directory().resolve("certificate.pem");
    }

    /** Both, as PKCS #12. */
    public static KeyStore keyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(directory().resolve("identity.p12"))) {
            store.load(input, PASSWORD);
        }
        return store;
    }

    /** A context that presents the certificate, and trusts it. */
    public static SSLContext context() throws IOException, GeneralSecurityException {
        KeyStore store = keyStore();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        String alias = store.aliases().nextElement();
        trusted.setCertificateEntry(alias, store.getCertificate(alias));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
