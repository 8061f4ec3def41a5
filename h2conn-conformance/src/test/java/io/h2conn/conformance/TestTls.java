package io.h2conn.conformance;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate for 127.0.0.1 that signs itself, made anew in each run, and a context that has it and trusts it. */
final class TestTls {
    static final char[] PASSWORD = "secret".toCharArray();
    static final SSLContext CONTEXT = newContext();

    private TestTls() {}

    private static SSLContext newContext() {
        try {
            KeyStore keys = newKey("127.0.0.1");
            return context("TLS", keys, keys);
        } catch (Exception e) {
            throw new IllegalStateException("no certificate for the tests: " + e, e);
        }
    }

    /** A key with a certificate of a name that signs itself. */
    static KeyStore newKey(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", keys.getPrivate(), PASSWORD, new X509Certificate[] {certificate(name, keys)});
        return store;
    }

    static X509Certificate certificate(KeyStore key) throws Exception {
        return (X509Certificate) key.getCertificate("key");
    }

    /**
     * A context.
     *
     * @param protocol {@code TLS}, or the newest version for a client
     * @param key its own key, or {@code null}
     * @param trusted whom it trusts
     */
    static SSLContext context(String protocol, @Nullable KeyStore key, KeyStore... trusted) throws Exception {
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        if (key != null) {
            keyManagers.init(key, PASSWORD);
        }
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        for (int i = 0; i < trusted.length; i++) {
            certificates.setCertificateEntry("trusted" + i, certificate(trusted[i]));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(certificates);
        SSLContext context = SSLContext.getInstance(protocol);
        context.init(key == null ? null : keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static X509Certificate certificate(String common, KeyPair keys) throws Exception {
        X500Principal name = new X500Principal("CN=" + common);
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(Duration.ofDays(1))),
                name,
                keys.getPublic());
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"), new GeneralName(GeneralName.dNSName, "localhost")
        }));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }
}
