package io.h2conn.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.MessageConnection;
import io.h2conn.examples.cli.ClientOptions;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One user of the chat: a line editor in a terminal, line by line in a pipe. */
@Command(
        name = "chat",
        description = {"Joins the room of a chat-server. Type a line to say it.", "Ends with ctrl-D or ctrl-C."})
public final class ChatClient implements Callable<Integer> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
    /** How long the server may take to send the rest after the user has left. */
    private static final int END_SECONDS = 5;

    private final InputStream input;
    private final boolean interactive;
    private volatile boolean leaving;

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "Who you are, for the others to see.")
    private String name = "";

    @Mixin
    private final ClientOptions options = new ClientOptions();

    @Mixin
    private final CodecOption codec = new CodecOption();

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * Makes the program.
     *
     * @param input where the lines come from, if not from a terminal
     * @param interactive whether there is a terminal
     */
    public ChatClient(InputStream input, boolean interactive) {
        this.input = input;
        this.interactive = interactive;
    }

    @Override
    public Integer call() throws IOException {
        try (DuplexClient client = options.client();
                MessageConnection<ChatMessage, ChatMessage> messages =
                        MessageConnection.of(client.connect(options.uri()), codec.codec())) {
            ChatMessage.Welcome welcome = login(messages);
            try (Screen screen = screen()) {
                screen.print(describe(welcome));
                // A daemon: when the server goes away, the program ends although this thread still waits for a line.
                Thread typing = new Thread(() -> send(screen, messages), "typing");
                typing.setDaemon(true);
                typing.start();
                show(messages, screen);
            }
        }
        return 0;
    }

    private ChatMessage.Welcome login(MessageConnection<ChatMessage, ChatMessage> messages) throws IOException {
        ChatMessage answer;
        try {
            messages.send(new ChatMessage.Login(name));
            answer = messages.receive();
        } catch (CodecException | ConnectionResetException e) {
            throw new IOException("no chat server answers at " + options.uri() + ": " + e.getMessage(), e);
        }
        if (answer instanceof ChatMessage.Refused refused) {
            throw new IOException(printable(refused.reason()));
        } else if (answer instanceof ChatMessage.Welcome welcome) {
            return welcome;
        }
        throw new IOException("no chat server answers at " + options.uri());
    }

    private Screen screen() throws IOException {
        return interactive
                ? Screen.terminal(TerminalBuilder.builder().encoding(UTF_8).build())
                : Screen.lines(input, Objects.requireNonNull(spec).commandLine().getOut());
    }

    private void send(Screen screen, MessageConnection<?, ChatMessage> messages) {
        try {
            for (String line = screen.readLine(); line != null; line = screen.readLine()) {
                if (!line.isBlank()) {
                    messages.send(new ChatMessage.Post(null, null, line));
                }
            }
            leaving = true;
            messages.connection().setReadDeadline(Instant.now().plusSeconds(END_SECONDS));
            messages.closeOutput();
        } catch (IOException e) {
            // Receiving fails for the same reason, and reports it.
            messages.connection().abort();
        }
    }

    private void show(MessageConnection<ChatMessage, ?> messages, Screen screen) throws IOException {
        try {
            for (ChatMessage message = messages.receive(); message != null; message = messages.receive()) {
                screen.print(describe(message));
            }
        } catch (ConnectionTimeoutException e) {
            messages.connection().abort();
            return;
        } catch (ConnectionResetException e) {
            boolean tooSlow = e.origin() == Origin.PEER && ErrorCode.ENHANCE_YOUR_CALM.equals(e.errorCode());
            throw new IOException(
                    tooSlow
                            ? "dropped by the server: messages were not read fast enough"
                            : "the chat has ended: " + e.getMessage(),
                    e);
        }
        if (!leaving) {
            throw new EOFException("the server has closed the chat");
        }
    }

    private static String describe(ChatMessage message) {
        if (message instanceof ChatMessage.Post post) {
            return time(post.time()) + printable(post.user()) + ": " + printable(post.message());
        } else if (message instanceof ChatMessage.Notice notice) {
            return time(notice.time()) + "* " + printable(notice.message());
        } else if (message instanceof ChatMessage.Welcome welcome) {
            return "* here: "
                    + (welcome.users().isEmpty() ? "nobody else" : printable(String.join(", ", welcome.users())));
        }
        return "* " + printable(message.toString());
    }

    private static String time(@Nullable Instant time) {
        return time == null ? "" : TIME.format(time.atZone(ZoneId.systemDefault())) + " ";
    }

    /** What others send must not be able to command this terminal. */
    private static String printable(@Nullable String text) {
        return text == null ? "" : text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", " ");
    }
}
