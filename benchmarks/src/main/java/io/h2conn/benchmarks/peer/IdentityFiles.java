package io.h2conn.benchmarks.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** Makes the files that {@link Identity} reads: a new key on the curve P-256, and a certificate signed by itself. */
public final class IdentityFiles {
    private static final String ALIAS = "benchmark";

    private IdentityFiles() {}

    /**
     * Makes them.
     *
     * @param args the directory
     * @throws Exception if that fails
     */
    public static void main(String[] args) throws Exception {
        create(Path.of(args[0]));
    }

    /**
     * Makes {@code key.pem}, {@code certificate.pem} and {@code identity.p12}, which must not exist yet.
     *
     * @param directory is made if there is none
     * @throws IOException if the JDK's keytool fails, or a file cannot be written
     */
    public static void create(Path directory) throws IOException, GeneralSecurityException, InterruptedException {
        Files.createDirectories(directory);
        Path file = directory.resolve("identity.p12");
        runKeytool(file);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(file)) {
            store.load(input, Identity.PASSWORD);
        }
        writePem(
                directory.resolve("key.pem"),
                "PRIVATE KEY",
                store.getKey(ALIAS, Identity.PASSWORD).getEncoded());
        writePem(
                directory.resolve("certificate.pem"),
                "CERTIFICATE",
                store.getCertificate(ALIAS).getEncoded());
    }

    private static void runKeytool(Path file) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
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
                        "CN=h2conn benchmark",
                        "-ext",
                        "SAN=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(Identity.PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        keytool.getOutputStream().close();
        String printed = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool could not make " + file + ": " + printed.strip());
        }
    }

    private static void writePem(Path file, String type, byte[] content) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n", US_ASCII);
    }
}
