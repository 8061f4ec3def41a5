package io.h2conn.examples.chat;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.ErrorCode;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One user's way out of the room: a bounded queue, and a thread that sends from it. Sending blocks while the user does not
 * read, and then only this thread waits and only this queue fills; when it is full the user is dropped.
 */
final class User {
    private static final Logger LOG = LoggerFactory.getLogger(User.class);

    private static final int QUEUE_MESSAGES = 256;
    /** How long a user may take nothing at all while something is to be sent. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final MessageConnection<?, ChatMessage> messages;
    /** Nothing comes after an empty element. */
    private final BlockingQueue<Optional<ChatMessage>> queue = new ArrayBlockingQueue<>(QUEUE_MESSAGES);

    private final Thread sender;
    private volatile boolean tooSlow;

    User(String name, MessageConnection<?, ChatMessage> messages) {
        this.name = name;
        this.messages = messages;
        messages.connection().setWriteTimeout(PATIENCE);
        sender = new Thread(this::send, "chat-" + name);
        sender.setDaemon(true);
    }

    String name() {
        return name;
    }

    boolean isTooSlow() {
        return tooSlow;
    }

    void start() {
        sender.start();
    }

    /** Never blocks. */
    void offer(ChatMessage message) {
        offer(Optional.of(message));
    }

    private void offer(Optional<ChatMessage> message) {
        if (!queue.offer(message)) {
            drop();
        }
    }

    private void drop() {
        if (!tooSlow) {
            tooSlow = true;
            LOG.warn("{} is dropped: {} messages wait to be read", name, QUEUE_MESSAGES);
            // The user's own handler notices, and tells the others.
            messages.connection().abort(ErrorCode.ENHANCE_YOUR_CALM);
        }
    }

    private void send() {
        try {
            for (var next = queue.take(); next.isPresent(); next = queue.take()) {
                messages.send(next.get());
            }
        } catch (ConnectionTimeoutException e) {
            drop();
        } catch (IOException e) {
            LOG.debug("{} cannot be reached any more", name, e); // the user's own handler notices as well
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until what is queued has been sent, which the connection's end would otherwise overtake. */
    void finish() {
        offer(Optional.empty());
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
