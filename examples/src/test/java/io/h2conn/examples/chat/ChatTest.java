package io.h2conn.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.examples.Program;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTest {
    private static Program join(String url, String name) {
        return Program.inThread("chat", "--name", name, "--url", url);
    }

    private static MessageConnection<ChatMessage, ChatMessage> connect(DuplexClient client, String url)
            throws IOException {
        return MessageConnection.of(client.connect(url), JsonCodec.of(ChatMessage.class));
    }

    @Test
    void threeUsersSeeEachOthersPostsAndComingsAndGoings() throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                Program ann = join(server.awaitUrl(), "ann")) {
            ann.awaitLine("* here: nobody else");
            try (Program bob = join(server.awaitUrl(), "bob")) {
                bob.awaitLine("* here: ann");
                ann.awaitLine("* bob joined");
                try (Program cy = join(server.awaitUrl(), "cy")) {
                    cy.awaitLine("* here: ann, bob");
                    for (Program user : List.of(ann, bob)) {
                        user.awaitLine("* cy joined");
                    }
                    bob.type("hello everybody");
                    for (Program user : List.of(ann, bob, cy)) {
                        assertThat(user.awaitLine("bob: hello everybody")).matches("\\d\\d:\\d\\d:\\d\\d bob: .*");
                    }
                    cy.type("bye").endInput();
                    assertThat(cy.awaitExit()).isZero();
                    assertThat(cy.errors()).isEmpty();
                    assertThat(cy.output()).last().asString().endsWith("cy: bye");
                }
                for (Program user : List.of(ann, bob)) {
                    user.awaitLine("cy: bye");
                    user.awaitLine("* cy left");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ChatCodec.class)
    void serverAndUsersMayChooseTheirCodec(ChatCodec codec) throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0", "--codec", codec.name());
                Program ann = Program.inThread(
                        "chat", "--name", "ann", "--url", server.awaitUrl(), "--codec", codec.name())) {
            ann.awaitLine("* here: nobody else");
            ann.type("hello");
            ann.awaitLine("ann: hello");
            ann.type("x".repeat(4_001));
            ann.awaitLine("* not sent: longer than 4000 characters");
        }
    }

    @Test
    void usersAndTheServerMayBeProcesses() throws Exception {
        try (Program server = Program.inProcess("chat-server", "--port", "0", "--tls");
                Program ann = Program.inProcess("chat", "--name", "ann", "--insecure", "--url", server.awaitUrl());
                Program bob = Program.inProcess("chat", "--name", "bob", "--insecure", "--url", server.awaitUrl())) {
            ann.awaitLine("* here: ");
            bob.awaitLine("* here: ");
            bob.type("grüße");
            ann.awaitLine("bob: grüße");

            server.askToEnd();

            assertThat(server.awaitExit()).isEqualTo(143);
            ann.awaitLine("* the server shuts down");
            assertThat(ann.awaitExit()).isEqualTo(1);
            assertThat(ann.errors()).hasSize(1);
            assertThat(ann.errors().get(0)).startsWith("h2conn chat: ");
        }
    }

    @Test
    void aTakenNameIsRefusedUntilItIsFree() throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                Program first = join(server.awaitUrl(), "ann")) {
            first.awaitLine("* here: nobody else");
            try (Program second = join(server.awaitUrl(), "ann")) {
                assertThat(second.awaitExit()).isEqualTo(1);
                assertThat(second.output()).isEmpty();
                assertThat(second.errors()).containsExactly("h2conn chat: the name ann is taken");
            }
            first.endInput();
            assertThat(first.awaitExit()).isZero();
            try (Program third = join(server.awaitUrl(), "ann")) {
                third.awaitLine("* here: nobody else");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "\u001b[31m", "0123456789012345678901234567890123"})
    void aNameThatIsNotANameIsRefused(String name) throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                Program user = join(server.awaitUrl(), name)) {
            assertThat(user.awaitExit()).isEqualTo(1);
            assertThat(user.errors()).hasSize(1);
            assertThat(user.errors().get(0)).contains("1 to 32 letters");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"ann\"\n",
                "{\"type\":\"post\",\"message\":\"x\"}\n",
                "{\"type\":\"login\"}",
                "[}",
                "{\"type\":\"x\"}"
            })
    void whoDoesNotLogInIsToldSo(String text) throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                DuplexClient client = DuplexClient.create();
                MessageConnection<ChatMessage, ChatMessage> user = connect(client, server.awaitUrl())) {
            user.connection().write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));

            assertThat(user.receive()).isInstanceOf(ChatMessage.Refused.class);
            assertThat(user.receive()).isNull();
        }
    }

    @Test
    void aSlowReaderIsDroppedAndHoldsNobodyUp() throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                DuplexClient client = DuplexClient.create();
                MessageConnection<ChatMessage, ChatMessage> slow = connect(client, server.awaitUrl());
                Program ann = join(server.awaitUrl(), "ann")) {
            slow.send(new ChatMessage.Login("slow"));
            ann.awaitLine("* ");

            String text = "x".repeat(4_000);
            CompletableFuture<String> dropped = CompletableFuture.supplyAsync(() -> {
                try {
                    return ann.awaitLine("* slow was dropped for reading too slowly");
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            while (!dropped.isDone()) {
                ann.type(text);
            }
            dropped.join();
            ann.type("still here");
            ann.awaitLine("ann: still here");

            slow.connection().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThatThrownBy(slow::receive)
                    .isInstanceOfSatisfying(
                            ConnectionResetException.class,
                            e -> assertThat(e.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM));
        }
    }

    @Test
    void aUserWhoseConnectionBreaksIsMissed() throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                DuplexClient client = DuplexClient.create();
                MessageConnection<ChatMessage, ChatMessage> bob = connect(client, server.awaitUrl())) {
            bob.send(new ChatMessage.Login("bob"));
            assertThat(bob.receive()).isInstanceOf(ChatMessage.Welcome.class);
            try (Program ann = join(server.awaitUrl(), "ann")) {
                ann.awaitLine("* here: bob");

                bob.connection().abort();

                ann.awaitLine("* bob lost the connection");
            }
        }
    }

    @Test
    void whatOthersSendCannotCommandTheTerminal() throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                Program ann = join(server.awaitUrl(), "ann");
                Program bob = join(server.awaitUrl(), "bob")) {
            ann.awaitLine("* here: ");
            bob.awaitLine("* here: ");
            bob.type("\u001b[2Jboo\u0007\u202e");

            assertThat(ann.awaitLine("boo")).endsWith("bob:  [2Jboo  ");
        }
    }

    @Test
    void aPostThatIsTooLongIsNotSentAndItsAuthorIsTold() throws Exception {
        try (Program server = Program.inThread("chat-server", "--port", "0");
                Program ann = join(server.awaitUrl(), "ann")) {
            ann.type("x".repeat(4_001)).type("short");

            ann.awaitLine("* not sent: longer than 4000 characters");
            ann.awaitLine("ann: short");
        }
    }

    @Test
    void aServerThatIsNoChatServerIsOneLine() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .handle("/", DuplexConnection::closeOutput)
                        .start();
                Program ann = join(server.uri().toString(), "ann")) {
            assertThat(ann.awaitExit()).isEqualTo(1);
            assertThat(ann.errors()).containsExactly("h2conn chat: no chat server answers at " + server.uri());
        }
    }
}
