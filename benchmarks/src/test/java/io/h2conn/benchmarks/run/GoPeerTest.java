package io.h2conn.benchmarks.run;

import static io.h2conn.benchmarks.run.GoProcess.word;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.h2conn.benchmarks.peer.Direction;
import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.IdentityFiles;
import io.h2conn.benchmarks.peer.Layout;
import io.h2conn.benchmarks.peer.Outcome;
import io.h2conn.benchmarks.peer.Peer;
import io.h2conn.benchmarks.peer.PeerClient;
import io.h2conn.benchmarks.peer.PeerServer;
import io.h2conn.benchmarks.peer.Peers;
import io.h2conn.benchmarks.peer.Security;
import io.h2conn.benchmarks.peer.Waiting;
import io.h2conn.server.DuplexServer;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The peer in Go does each workload, with itself and with ours: for a moment, so that no figure means anything. */
@Timeout(60)
class GoPeerTest {
    /** Enough for one operation on a machine that has other work. */
    private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String NANOS = " nanos=" + MOMENT;

    private static final Pattern DONE = Pattern.compile("operations=[1-9]\\d* nanos=[1-9]\\d*");
    private static final Pattern DONE_WITH_LATENCIES = Pattern.compile(DONE
            + " latencies=1\\.0:\\d+,5\\.0:\\d+,10\\.0:\\d+,25\\.0:\\d+,50\\.0:\\d+,75\\.0:\\d+,90\\.0:\\d+,95\\.0:\\d+,"
            + "99\\.0:\\d+,99\\.9:\\d+,99\\.99:\\d+,100\\.0:\\d+");

    private static final Peer OURS = Peers.named("h2conn-embedded");

    private static Path program = Path.of("");

    @TempDir
    private static Path identity;

    @BeforeAll
    @Timeout(300)
    static void build() throws Exception {
        Optional<Path> built = GoProgram.build(Path.of(""));
        assumeThat(built).as("Go is installed").isPresent();
        program = built.get();
        IdentityFiles.create(identity);
        System.setProperty(Identity.PROPERTY, identity.toString());
    }

    @AfterAll
    static void forgetIdentity() {
        System.clearProperty(Identity.PROPERTY);
    }

    private static GoProcess serve(Security security) throws Exception {
        return GoProcess.server(program, identity, security);
    }

    private static GoProcess connect(Security security, int port) throws Exception {
        return GoProcess.client(program, identity, security, port);
    }

    @ParameterizedTest
    @EnumSource
    void echoesComeBackOnEachLayout(Security security) throws Exception {
        try (GoProcess server = serve(security);
                GoProcess client = connect(security, server.port())) {
            for (Layout layout : new Layout[] {new Layout(1, 1), new Layout(128, 1), new Layout(4, 4)}) {
                for (Waiting waiting : Waiting.values()) {
                    assertThat(client.answerTo(pingPong(layout, waiting))).matches(DONE_WITH_LATENCIES);
                }
            }
        }
    }

    private static String pingPong(Layout layout, Waiting waiting) {
        return "pingpong connections=" + layout.connections() + " sessions=" + layout.sessions() + " waiting="
                + word(waiting) + NANOS;
    }

    @ParameterizedTest
    @EnumSource
    void messagesWithAGapTellHowLongTheyTook(Security security) throws Exception {
        try (GoProcess server = serve(security);
                GoProcess client = connect(security, server.port())) {
            assertThat(client.answerTo("messages bytes=64 gap=100000" + NANOS)).matches(DONE_WITH_LATENCIES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theProgramDoesAllWorkloadsWithItself(Security security) throws Exception {
        try (GoProcess server = serve(security);
                GoProcess client = connect(security, server.port())) {
            assertWorkloads(client);

            assertThat(client.answerTo("open connections=6 sessions=2")).matches(DONE);
            server.awaitReceivers(6);
            for (int n = 0; n < 3; n++) {
                client.send("receive n=" + n);
                assertThat(server.answerTo("broadcast n=" + n)).isEqualTo("done");
                assertThat(client.answer()).startsWith("operations=6 ");
            }
            assertThat(client.answerTo("release")).isEqualTo("done");
            server.awaitReceivers(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theClientDoesAllWorkloadsWithAServerOfOurs(Security security) throws Exception {
        try (PeerServer server = OURS.serve(security);
                GoProcess client = connect(security, server.port())) {
            assertWorkloads(client);
        }
    }

    private static void assertWorkloads(GoProcess client) throws Exception {
        assertThat(client.answerTo(pingPong(new Layout(4, 2), Waiting.THREAD))).matches(DONE_WITH_LATENCIES);
        for (Direction direction : Direction.values()) {
            assertThat(client.answerTo("bulk direction=" + word(direction) + NANOS))
                    .matches(DONE);
        }
        for (int bytes : new int[] {16, 64, 1024 * 1024}) {
            assertThat(client.answerTo("messages bytes=" + bytes + " gap=0" + NANOS))
                    .matches(DONE);
        }
        assertThat(client.answerTo("openandclose concurrent=4" + NANOS)).matches(DONE_WITH_LATENCIES);
    }

    @ParameterizedTest
    @EnumSource
    void theServerDoesAllWorkloadsWithAClientOfOurs(Security security) throws Exception {
        try (GoProcess server = serve(security);
                PeerClient client = OURS.client(server.port(), security)) {
            assertDone(client.pingPong(new Layout(4, 2), Waiting.THREAD, MOMENT));
            for (Direction direction : Direction.values()) {
                assertDone(client.bulk(direction, MOMENT));
            }
            assertDone(client.messages(64, 0, MOMENT));
            assertDone(client.openAndClose(4, MOMENT));

            assertThat(client.open(new Layout(6, 2)).operations()).isEqualTo(6);
            server.awaitReceivers(6);
            assertThat(server.answerTo("broadcast n=0")).isEqualTo("done");
            assertThat(client.receive(0).operations()).isEqualTo(6);
        }
    }

    private static void assertDone(Outcome outcome) {
        assertThat(outcome.operations()).isPositive();
    }

    @Test
    void aByteThatIsWrongFailsTheWorkload() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .handle("/echo", connection -> sendChanged(connection.input(), connection.output()))
                        .handle("/source", connection -> connection.output().write(new byte[1000]))
                        .start();
                GoProcess client = connect(Security.CLEAR, server.port())) {
            assertThat(client.answerTo(pingPong(new Layout(1, 1), Waiting.THREAD)))
                    .isEqualTo("error=message 0 of 64 bytes is not the one that was sent");
            assertThat(client.answerTo("bulk direction=down" + NANOS))
                    .isEqualTo("error=a byte from 0 on is not the one that was sent");
        }
    }

    private static void sendChanged(InputStream input, OutputStream output) throws Exception {
        byte[] message = input.readNBytes(64);
        message[63]++;
        output.write(message);
    }

    @Test
    void aCommandThatIsWrongIsAnsweredWithAnError() throws Exception {
        try (GoProcess server = serve(Security.CLEAR);
                GoProcess client = connect(Security.CLEAR, server.port())) {
            assertThat(server.answerTo("nonsense")).isEqualTo("error=a server knows no command nonsense");
            assertThat(client.answerTo("nonsense")).isEqualTo("error=a client knows no command nonsense");
            assertThat(client.answerTo("bulk nanos=1")).isEqualTo("error=bulk needs direction=...");
            assertThat(client.answerTo("pingpong connections=3 sessions=2 waiting=thread nanos=1"))
                    .isEqualTo("error=3 connections cannot be spread evenly over 2 sessions");
        }
    }
}
