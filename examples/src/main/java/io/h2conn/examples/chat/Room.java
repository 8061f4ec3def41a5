package io.h2conn.examples.chat;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who is there, and what is said: each message goes to everybody, in the same order for everybody. */
public final class Room {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_.-]{1,32}");
    private static final Duration LOGIN_TIME = Duration.ofSeconds(10);
    /** The least time between two posts of a user: nobody can talk faster than the others can read. */
    private static final Duration PACE = Duration.ofMillis(10);

    private static final int MAX_TEXT = 4_000;

    /** Also the lock of the room. Held only to look and to offer, never to wait. */
    private final Map<String, User> users = new TreeMap<>();

    /** An empty room. */
    public Room() {}

    /**
     * Serves one connection, from the login until the user leaves.
     *
     * @param connection the connection; closed when this returns
     * @throws IOException if the connection breaks before the user is in the room
     * @throws InterruptedException if the thread is interrupted
     */
    public void serve(DuplexConnection connection) throws IOException, InterruptedException {
        MessageConnection<ChatMessage, ChatMessage> messages = MessageConnection.of(connection, ChatMessage.JSON);
        String name = receiveName(messages);
        if (name == null) {
            messages.send(new ChatMessage.Refused(
                    "the first message must be a login with a name of 1 to 32 letters, digits and _.-"));
            return;
        }
        User user = new User(name, messages);
        if (!enter(user)) {
            messages.send(new ChatMessage.Refused("the name " + name + " is taken"));
            return;
        }
        String farewell = name + " left";
        try {
            listenTo(user, messages);
        } catch (CodecException e) {
            user.offer(new ChatMessage.Notice(Instant.now(), "not understood: " + e.getMessage()));
        } catch (IOException e) {
            farewell = name + (user.isTooSlow() ? " was dropped for reading too slowly" : " lost the connection");
        } finally {
            leave(user, farewell);
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

    private void listenTo(User user, MessageConnection<ChatMessage, ?> messages)
            throws IOException, InterruptedException {
        for (ChatMessage message = messages.receive(); message != null; message = messages.receive()) {
            String text = message instanceof ChatMessage.Post post ? post.message() : null;
            if (text == null) {
                user.offer(new ChatMessage.Notice(Instant.now(), "only posts are understood here"));
            } else if (text.length() > MAX_TEXT) {
                user.offer(new ChatMessage.Notice(Instant.now(), "not sent: longer than " + MAX_TEXT + " characters"));
            } else {
                say(new ChatMessage.Post(user.name(), Instant.now(), text));
                Thread.sleep(PACE.toMillis()); // Not read from meanwhile: the sender's own send blocks in the end.
            }
        }
    }

    private boolean enter(User user) {
        synchronized (users) {
            if (users.containsKey(user.name())) {
                return false;
            }
            user.offer(new ChatMessage.Welcome(new ArrayList<>(users.keySet())));
            users.put(user.name(), user);
            say(new ChatMessage.Notice(Instant.now(), user.name() + " joined"));
        }
        user.start();
        return true;
    }

    private void leave(User user, String farewell) {
        synchronized (users) {
            users.remove(user.name());
            say(new ChatMessage.Notice(Instant.now(), farewell));
        }
        user.finish();
    }

    private void say(ChatMessage message) {
        synchronized (users) {
            users.values().forEach(user -> user.offer(message));
        }
    }
}
