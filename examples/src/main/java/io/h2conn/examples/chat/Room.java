package io.h2conn.examples.chat;

import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.codec.Broadcast;
import io.h2conn.codec.Codec;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.MessageConnection;
import io.h2conn.codec.WhenFull;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is there, and what is said: each message goes to everybody, in the same order for everybody. A user who does not
 * read holds nobody up, and is dropped when too much waits.
 */
public final class Room {
    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_.-]{1,32}");
    private static final Duration LOGIN_TIME = Duration.ofSeconds(10);
    /** How long a user may take nothing at all while something is to be sent. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** The least time between two posts of a user: nobody can talk faster than the others can read. */
    private static final Duration PACE = Duration.ofMillis(10);

    private static final int MAX_TEXT = 4_000;
    private static final int QUEUE_MESSAGES = 256;

    private final Codec<ChatMessage> codec;
    private final Broadcast<ChatMessage> everybody;
    /** Who is there. Also the lock of the room: nobody hears anything before the welcome, and sending never waits. */
    private final Set<String> names = new TreeSet<>();

    /** An empty room where people speak JSON. */
    public Room() {
        this(ChatMessage.JSON);
    }

    /**
     * An empty room.
     *
     * @param codec how messages look on the wire
     */
    public Room(Codec<ChatMessage> codec) {
        this.codec = codec;
        this.everybody = Broadcast.builder(codec)
                .queueMessages(QUEUE_MESSAGES)
                .whenFull(WhenFull.DISCONNECT)
                .build();
    }

    /**
     * Serves one connection, from the login until the user leaves.
     *
     * @param connection the connection; closed when this returns
     * @throws IOException if the connection breaks before the user is in the room
     * @throws InterruptedException if the thread is interrupted
     */
    public void serve(DuplexConnection connection) throws IOException, InterruptedException {
        MessageConnection<ChatMessage, ChatMessage> messages = MessageConnection.of(connection, codec);
        String name = receiveName(messages);
        if (name == null) {
            messages.send(new ChatMessage.Refused(
                    "the first message must be a login with a name of 1 to 32 letters, digits and _.-"));
            return;
        }
        Broadcast.Receiver<ChatMessage> user = enter(name, messages);
        if (user == null) {
            messages.send(new ChatMessage.Refused("the name " + name + " is taken"));
            return;
        }
        String farewell = name + " left";
        try {
            CompletionStage<?> unused = connection.draining().thenRun(() -> connection.setReadDeadline(Instant.now()));
            listenTo(name, user, messages);
        } catch (ConnectionTimeoutException e) {
            user.send(new ChatMessage.Notice(Instant.now(), "the server shuts down"));
        } catch (CodecException e) {
            user.send(new ChatMessage.Notice(Instant.now(), "not understood: " + e.getMessage()));
        } catch (IOException e) {
            farewell = name + (isTooSlow(e) ? " was dropped for reading too slowly" : " lost the connection");
        } finally {
            leave(name, user, farewell);
        }
    }

    private static @Nullable String receiveName(MessageConnection<ChatMessage, ?> messages) throws IOException {
        messages.connection().setReadDeadline(Instant.now().plus(LOGIN_TIME));
        try {
            String name = messages.receive() instanceof ChatMessage.Login login ? login.name() : null;
            return name != null && NAME.matcher(name).matches() ? name : null;
        } catch (CodecException | ConnectionTimeoutException e) {
            return null;
        } finally {
            messages.connection().setReadDeadline(null);
        }
    }

    private void listenTo(String name, Broadcast.Receiver<ChatMessage> user, MessageConnection<ChatMessage, ?> messages)
            throws IOException, InterruptedException {
        for (ChatMessage message = messages.receive(); message != null; message = messages.receive()) {
            String text = message instanceof ChatMessage.Post post ? post.message() : null;
            if (text == null) {
                user.send(new ChatMessage.Notice(Instant.now(), "only posts are understood here"));
            } else if (text.length() > MAX_TEXT) {
                user.send(new ChatMessage.Notice(Instant.now(), "not sent: longer than " + MAX_TEXT + " characters"));
            } else {
                say(new ChatMessage.Post(name, Instant.now(), text));
                Thread.sleep(PACE.toMillis()); // Not read from meanwhile: the sender's own send blocks in the end.
            }
        }
    }

    /** Returns {@code null} if the name is taken. */
    private Broadcast.@Nullable Receiver<ChatMessage> enter(String name, MessageConnection<?, ChatMessage> messages)
            throws IOException {
        Broadcast.Receiver<ChatMessage> user;
        synchronized (names) {
            if (names.contains(name)) {
                return null;
            }
            user = everybody.add(messages);
            user.send(new ChatMessage.Welcome(new ArrayList<>(names)));
            names.add(name);
            say(new ChatMessage.Notice(Instant.now(), name + " joined"));
        }
        messages.connection().setWriteTimeout(PATIENCE);
        // The user's own handler notices the abort, and tells the others.
        CompletionStage<?> unused = user.ended().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.info("{} cannot be reached any more: {}", name, failure.getMessage());
                messages.connection().abort(ErrorCode.ENHANCE_YOUR_CALM);
            }
        });
        return user;
    }

    private void leave(String name, Broadcast.Receiver<ChatMessage> user, String farewell)
            throws IOException, InterruptedException {
        CompletableFuture<?> all;
        synchronized (names) {
            names.remove(name);
            all = user.remove();
            say(new ChatMessage.Notice(Instant.now(), farewell));
        }
        try {
            all.get(); // The connection's end would overtake what is queued.
        } catch (ExecutionException e) {
            LOG.debug("{} did not get everything", name, e);
        }
    }

    private void say(ChatMessage message) throws IOException {
        synchronized (names) {
            everybody.send(message);
        }
    }

    private static boolean isTooSlow(IOException e) {
        return e instanceof ConnectionResetException reset
                && reset.origin() == Origin.LOCAL
                && ErrorCode.ENHANCE_YOUR_CALM.equals(reset.errorCode());
    }
}
