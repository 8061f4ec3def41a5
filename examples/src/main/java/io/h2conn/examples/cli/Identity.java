package io.h2conn.examples.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/**
 * A server's certificates and the key that belongs to them.
 *
 * @param key the private key
 * @param chain the server's own certificate first
 */
public record Identity(PrivateKey key, List<X509Certificate> chain) {
    private static final Duration VALIDITY = Duration.ofDays(30);
    private static final char[] NO_PASSWORD = {};

    /**
     * Makes a new key and a certificate that signs itself, valid for 30 days.
     *
     * @param hosts names and IP addresses that clients may know the server by
     * @return the identity
     * @throws GeneralSecurityException if this Java runtime lacks the algorithms
     */
    public static Identity selfSigned(String... hosts) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500Name("CN=h2conn example");
        Instant now = Instant.now();
        GeneralName[] names = new GeneralName[hosts.length];
        for (int i = 0; i < hosts.length; i++) {
            // A host name never consists of digits, dots and colons alone.
            boolean address = hosts[i].matches("[0-9.]+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
            names[i] = new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, hosts[i]);
        }
        try {
            X509CertificateHolder certificate = new JcaX509v3CertificateBuilder(
                            name,
                            new BigInteger(64, new SecureRandom()),
                            Date.from(now.minus(Duration.ofHours(1))),
                            Date.from(now.plus(VALIDITY)),
                            name,
                            pair.getPublic())
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
            return new Identity(
                    pair.getPrivate(), List.of(new JcaX509CertificateConverter().getCertificate(certificate)));
        } catch (OperatorCreationException | IOException e) {
            throw new GeneralSecurityException("could not make a certificate: " + e.getMessage(), e);
        }
    }

    /**
     * Reads PEM files.
     *
     * @param certificates the server's certificate, then those that lead to a known authority
     * @param key the private key, EC or RSA, in PKCS#8 or the traditional format, not encrypted
     * @return the identity
     * @throws IOException if a file cannot be read, or the two do not belong together
     */
    public static Identity read(Path certificates, Path key) throws IOException {
        PrivateKey privateKey = readKey(key);
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Object item : readPem(certificates)) {
                if (item instanceof X509CertificateHolder holder) {
                    chain.add(new JcaX509CertificateConverter().getCertificate(holder));
                }
            }
            if (chain.isEmpty()) {
                throw new IOException(certificates + " has no certificate in PEM format");
            }
            if (!belongTogether(privateKey, chain.get(0))) {
                throw new IOException("the key in " + key + " is not that of the first certificate in " + certificates);
            }
            return new Identity(privateKey, chain);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + certificates + " with " + key + ": " + e.getMessage(), e);
        }
    }

    private static PrivateKey readKey(Path file) throws IOException {
        for (Object item : readPem(file)) {
            try {
                if (item instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                } else if (item instanceof PrivateKeyInfo info) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                } else if (item instanceof PEMEncryptedKeyPair || item instanceof PKCS8EncryptedPrivateKeyInfo) {
                    throw new IOException("it is encrypted; openssl pkey decrypts it");
                }
            } catch (IOException e) {
                throw new IOException("cannot use the key in " + file + ": " + e.getMessage(), e);
            }
        }
        throw new IOException(file + " has no private key in PEM format");
    }

    private static List<Object> readPem(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            List<Object> items = new ArrayList<>();
            for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
                items.add(item);
            }
            return items;
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist", e);
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256with" + key.getAlgorithm();
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        return signature.verify(signed);
    }

    /**
     * What a server needs to prove that it is this identity.
     *
     * @return a context for servers
     * @throws GeneralSecurityException if this Java runtime cannot use the key
     */
    public SSLContext serverContext() throws GeneralSecurityException {
        KeyStore store = emptyStore();
        store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(new X509Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /**
     * What a client needs to trust this identity and nobody else.
     *
     * @return a trust store with the server's certificate
     * @throws GeneralSecurityException if this Java runtime cannot hold the certificate
     */
    public KeyStore trustStore() throws GeneralSecurityException {
        KeyStore store = emptyStore();
        store.setCertificateEntry("server", chain.get(0));
        return store;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new AssertionError("nothing is read", e);
        }
        return store;
    }
}
