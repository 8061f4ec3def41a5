package io.h2conn.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process that may open few files. */
class FileDescriptorsTest {
    /** Leaves room for some 100 TCP connections. */
    private static final int LIMIT = 150;

    /** Serves until its input ends, and says at which port. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            try (DuplexServer server = DuplexServer.builder()
                    .host("127.0.0.1")
                    .handle("/", connection -> connection.input().transferTo(connection.output()))
                    .start()) {
                System.out.println(server.port());
                System.out.flush();
                while (System.in.read() >= 0) {
                    // Its end is what is waited for.
                }
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerThatIsOutOfDescriptorsServesWhomItHasAndRecovers(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        Process child = new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -n " + LIMIT + "; exec \"$@\"",
                        "bash",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectError(log.toFile())
                .start();
        List<Socket> sockets = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
            int port = Integer.parseInt(out.readLine());
            try (Peer peer = new Peer(URI.create("http://127.0.0.1:" + port))) {
                // Classes that are loaded need descriptors, too.
                assertThat(peer.open("POST", "/").send("first").end().body()).isEqualTo("first");
                Peer.Exchange exchange = peer.open("POST", "/");
                exchange.send("hello ").received(6);
                for (int i = 0; i < LIMIT - 20; i++) { // Some wait to be accepted, fewer than may.
                    sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
                }
                CapturedLog.eventually(
                        "it is out of descriptors", () -> read(log).contains("Too many open files"));
                Duration before = child.info().totalCpuDuration().orElseThrow();
                Thread.sleep(1_500); // Proves that it does not spin, and that it says little.
                Duration used = child.info().totalCpuDuration().orElseThrow().minus(before);
                assertThat(used).isLessThan(Duration.ofMillis(750));
                assertThat(exchange.send("again").received(11)).isEqualTo("hello again");
                assertThat(peer.open("POST", "/").send("new").end().body()).isEqualTo("new");
                for (Socket socket : sockets) {
                    socket.close();
                }
                try (Peer later = new Peer(URI.create("http://127.0.0.1:" + port))) {
                    assertThat(later.open("POST", "/").send("recovered").end().body())
                            .isEqualTo("recovered");
                }
                exchange.end().body();
            }
            assertThat(read(log).lines().filter(line -> line.contains("Accept Failure")))
                    .hasSizeLessThan(20);
            child.getOutputStream().close();
            assertThat(child.waitFor()).isZero();
        } finally {
            child.destroyForcibly();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log, US_ASCII);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
