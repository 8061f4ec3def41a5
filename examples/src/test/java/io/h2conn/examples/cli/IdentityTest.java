package io.h2conn.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    @TempDir
    private Path folder;

    private Path certificateFile;
    private Path keyFile;

    @BeforeEach
    void names() {
        certificateFile = folder.resolve("cert.pem");
        keyFile = folder.resolve("key.pem");
    }

    private static KeyPair keyPair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(KeyPair pair) throws Exception {
        X500Name name = new X500Name("CN=test");
        String algorithm = pair.getPrivate().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.TEN,
                                Date.from(Instant.now()),
                                Date.from(Instant.now().plusSeconds(60)),
                                name,
                                pair.getPublic())
                        .build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate())));
    }

    private static void writePem(Path file, Object... items) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file);
                JcaPEMWriter pem = new JcaPEMWriter(writer)) {
            for (Object item : items) {
                pem.writeObject(item);
            }
        }
    }

    /** As openssl writes keys without PKCS#8; an EC key then names its curve itself. */
    private static Object traditional(PrivateKey key) throws IOException {
        return key instanceof ECPrivateKey ec
                ? new PemObject(
                        "EC PRIVATE KEY",
                        new org.bouncycastle.asn1.sec.ECPrivateKey(256, ec.getS(), SECObjectIdentifiers.secp256r1)
                                .getEncoded())
                : key;
    }

    /** The secret itself; the same key has several encodings. */
    private static BigInteger number(PrivateKey key) {
        return key instanceof ECPrivateKey ec ? ec.getS() : ((RSAPrivateKey) key).getPrivateExponent();
    }

    @ParameterizedTest
    @CsvSource({"RSA, traditional", "RSA, PKCS#8", "EC, traditional", "EC, PKCS#8"})
    void keysOfAllCommonFormatsAreRead(String algorithm, String format) throws Exception {
        KeyPair pair = keyPair(algorithm);
        X509Certificate certificate = certificate(pair);
        PrivateKey key = pair.getPrivate();
        writePem(certificateFile, certificate);
        writePem(keyFile, format.equals("PKCS#8") ? new JcaPKCS8Generator(key, null) : traditional(key));

        Identity identity = Identity.read(certificateFile, keyFile);

        assertThat(number(identity.key())).isEqualTo(number(key));
        assertThat(identity.chain()).isEqualTo(List.of(certificate));
        assertThat(identity.serverContext()).isNotNull();
    }

    @Test
    void whatOpensslPutsBeforeAnEcKeyIsPassedOver() throws Exception {
        KeyPair pair = keyPair("EC");
        writePem(certificateFile, certificate(pair));
        writePem(keyFile, traditional(pair.getPrivate()));
        String parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        Files.writeString(keyFile, parameters + Files.readString(keyFile));

        assertThat(number(Identity.read(certificateFile, keyFile).key())).isEqualTo(number(pair.getPrivate()));
    }

    @Test
    void aChainIsReadInItsOrder() throws Exception {
        KeyPair pair = keyPair("EC");
        X509Certificate first = certificate(pair);
        X509Certificate second = certificate(keyPair("RSA"));
        writePem(certificateFile, first, second);
        writePem(keyFile, traditional(pair.getPrivate()));

        assertThat(Identity.read(certificateFile, keyFile).chain()).containsExactly(first, second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void aKeyOfAnotherCertificateIsRefused(String algorithm) throws Exception {
        writePem(certificateFile, certificate(keyPair("EC")));
        writePem(keyFile, traditional(keyPair(algorithm).getPrivate()));

        assertThatThrownBy(() -> Identity.read(certificateFile, keyFile))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not that of the first certificate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"traditional", "PKCS#8"})
    void anEncryptedKeyIsRefused(String format) throws Exception {
        KeyPair pair = keyPair("RSA");
        writePem(certificateFile, certificate(pair));
        if (format.equals("PKCS#8")) {
            writePem(
                    keyFile,
                    new JcaPKCS8Generator(
                            pair.getPrivate(),
                            new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                                    .setProvider(new BouncyCastleProvider())
                                    .setPassword("secret".toCharArray())
                                    .build()));
        } else {
            try (JcaPEMWriter pem = new JcaPEMWriter(Files.newBufferedWriter(keyFile))) {
                pem.writeObject(
                        pair.getPrivate(),
                        new JcePEMEncryptorBuilder("AES-256-CBC")
                                .setProvider(new BouncyCastleProvider())
                                .build("secret".toCharArray()));
            }
        }

        assertThatThrownBy(() -> Identity.read(certificateFile, keyFile))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("encrypted");
    }

    @Test
    void filesWithSomethingElseAreRefused() throws Exception {
        writePem(certificateFile, certificate(keyPair("EC")));
        Files.writeString(keyFile, "hello");

        assertThatThrownBy(() -> Identity.read(certificateFile, keyFile))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("key.pem has no private key");
        assertThatThrownBy(() -> Identity.read(certificateFile, folder.resolve("missing")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing does not exist");
        assertThatThrownBy(() -> Identity.read(certificateFile, folder)).isInstanceOf(IOException.class);
        writePem(keyFile, traditional(keyPair("EC").getPrivate()));
        assertThatThrownBy(() -> Identity.read(keyFile, keyFile))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("key.pem has no certificate");
    }

    @Test
    void aCertificateMadeOnTheSpotNamesTheHosts() throws Exception {
        X509Certificate certificate = Identity.selfSigned("localhost", "127.0.0.1", "::1", "a.example")
                .chain()
                .get(0);

        certificate.checkValidity();
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "a.example");
    }
}
