package io.h2conn.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The certificate of every server in these tests, signed by itself, for 127.0.0.1: made once, for Java and in PEM files. */
final class Certificate {
    private static final String ALIAS = "interop";
    private static final String PASSWORD = "interop";

    private final KeyStore keys;
    private final Path file;
    private final Path keyFile;

    private Certificate(KeyStore keys, Path file, Path keyFile) {
        this.keys = keys;
        this.file = file;
        this.keyFile = keyFile;
    }

    private static final class Holder {
        static final Certificate CERTIFICATE = make();
    }

    static Certificate get() {
        return Holder.CERTIFICATE;
    }

    private static Certificate make() {
        try {
            Path directory = Path.of("target", "tls").toAbsolutePath();
            Files.createDirectories(directory);
            Path store = directory.resolve("server.p12");
            Files.deleteIfExists(store);
            keytool(directory, store);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            return new Certificate(
                    keys,
                    pem(
                            directory.resolve("certificate.pem"),
                            "CERTIFICATE",
                            keys.getCertificate(ALIAS).getEncoded()),
                    pem(
                            directory.resolve("key.pem"),
                            "PRIVATE KEY",
                            keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("the certificate for the tests cannot be made", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while keytool makes a certificate", e);
        }
    }

    private static void keytool(Path directory, Path store) throws IOException, InterruptedException {
        Path log = directory.resolve("keytool.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=h2conn interop",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + Files.readString(log));
        }
    }

    private static Path pem(Path file, String type, byte[] content) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        String text = "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
        return Files.writeString(file, text, US_ASCII);
    }

    /** PEM file with the certificate, which is its own authority. */
    Path file() {
        return file;
    }

    /** PEM file with the private key, PKCS#8. */
    Path keyFile() {
        return keyFile;
    }

    /** For servers. */
    SSLContext serverContext() {
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("the certificate for the tests cannot be used", e);
        }
    }

    /** For clients: trusts this certificate and no other. */
    KeyStore trustStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError("the certificate for the tests cannot be trusted", e);
        }
    }
}
