package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The way in of calls on one connection: decodes what arrives into what happens then, and makes it happen. A body that cannot
 * be decoded costs its call, since its envelope was read before.
 */
final class CallInput<Q, A> implements Inbox.Decoder<CallInput.Event>, MessageListener<CallInput.Event> {
    private final CallEnvelope envelope = new CallEnvelope();
    private final Codec<Q> requests;
    private final Codec<A> replies;
    private final PeerCalls<Q, A> peerCalls;
    private final OwnCalls<Q, A> ownCalls;

    CallInput(Codec<Q> requests, Codec<A> replies, PeerCalls<Q, A> peerCalls, OwnCalls<Q, A> ownCalls) {
        this.requests = requests;
        this.replies = replies;
        this.peerCalls = peerCalls;
        this.ownCalls = ownCalls;
    }

    /** What a message does. */
    @FunctionalInterface
    interface Event {
        void happen() throws IOException;
    }

    /** Makes what cuts the input into envelopes. */
    Inbox<Event> inbox() {
        return new Inbox<>(envelope, maxMessageBytes(), this);
    }

    // ---------------------------------------------------------------- what a message means

    @Override
    public Event decode(ByteBuffer body) throws IOException {
        long id = envelope.id();
        switch (envelope.kind()) {
            case CallEnvelope.REQUEST -> {
                Q request = decode(requests, body);
                return () -> peerCalls.onRequest(id, request);
            }
            case CallEnvelope.REPLY -> {
                A reply = decode(replies, body);
                return () -> ownCalls.onReply(id, reply);
            }
            case CallEnvelope.ERROR -> {
                CallException error = CallErrorCodec.INSTANCE.decode(body);
                return () -> ownCalls.onError(id, error);
            }
            case CallEnvelope.CANCEL -> {
                return () -> peerCalls.onCancel(id);
            }
            default -> throw new AssertionError("an envelope of kind " + envelope.kind());
        }
    }

    private static <T> T decode(Codec<T> codec, ByteBuffer body) throws IOException {
        if (body.remaining() > codec.maxMessageBytes()) {
            throw MessageTooLargeException.sending(codec.maxMessageBytes());
        }
        return Objects.requireNonNull(codec.decode(body), "it decodes to null, which is not a message");
    }

    /** One maximum for all, so that memory is bounded before the kind is looked at; {@link #decode} checks each one's own. */
    private int maxMessageBytes() {
        int larger = Math.max(requests.maxMessageBytes(), replies.maxMessageBytes());
        return Math.max(larger, CallErrorCodec.INSTANCE.maxMessageBytes());
    }

    @Override
    public String toString() {
        return (envelope.kind() == CallEnvelope.REQUEST ? requests : replies).toString();
    }

    // ---------------------------------------------------------------- the listener

    @Override
    public @Nullable CompletionStage<?> onMessage(Event event) throws IOException {
        event.happen();
        return null; // Whatever happens, reading goes on: behind a request may be the reply that its handler waits for.
    }

    @Override
    public void onMalformedMessage(CodecException failure) throws IOException {
        switch (envelope.kind()) {
            case CallEnvelope.REQUEST -> peerCalls.onMalformedRequest(envelope.id(), failure);
            case CallEnvelope.REPLY, CallEnvelope.ERROR -> ownCalls.onError(envelope.id(), failure);
            default -> throw failure; // Not an envelope, or a cancel that is larger than all else: whose is it?
        }
    }
}
