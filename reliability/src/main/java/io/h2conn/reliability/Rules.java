package io.h2conn.reliability;

import io.h2conn.Origin;
import io.h2conn.reliability.Entry.Connected;
import io.h2conn.reliability.Entry.Fact;
import io.h2conn.reliability.Entry.InputEnd;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of the two journals of one connection. For each direction, with what the sender's writes accepted
 * (A), and what the receiver read (R):
 *
 * <ol>
 *   <li>The bytes read are the first R bytes of what was sent, each at its place: what is not is lost, duplicated,
 *       reordered, foreign or changed.
 *   <li>R is at most A.
 *   <li>If the receiver read an end (-1), then the sender had ended its output (closeOutput, close, the handler's return),
 *       and R is A: less is <em>lost silently</em>. An abort, and a handler that throws, are no end.
 *   <li>Otherwise the receiver either stopped by itself (it closed, aborted, or discarded its input), or its read failed
 *       with one of the family of failures: what is missing is <em>lost with a typed failure</em>.
 *   <li>The sender's closed() accounts for what it accepted: bytes sent and bytes not delivered make A. If it is orderly,
 *       all of A was sent.
 *   <li>A close that returned normally leaves nothing undelivered, unless this side had aborted before, or the peer had ended and reset with NO_ERROR, or
 *       the connection had failed before and the one piece that the transport had then was written after all. A flush that
 *       returned leaves nothing unsent of what was accepted before it.
 *   <li>The receiver's closed() has received at least R, and no more than A; exactly R if it read the end.
 *   <li>Each side's closed() completes, and each call ends.
 * </ol>
 *
 * <p>Over a session that is not disturbed nothing may fail but what the plan explains: an output that ended in an orderly
 * way arrives with its end, at whoever still reads; a reset carries the code that the other side gave; no session is
 * lost.
 */
final class Rules {
    /** Bytes. What the transport has of a connection at a time, at most. */
    private static final long PIECE = 64 * 1024;

    private static final long NO_ERROR = 0;
    private static final long CANCEL = 8;
    private static final long INTERNAL_ERROR = 2;

    /** What became of the bytes of one direction. */
    enum Fate {
        /** All that was accepted arrived, and its end. */
        ARRIVED,
        /** The receiver did not want all of it. */
        UNWANTED,
        /** Not all arrived, and the receiver, or the sender if nobody received, was told. */
        LOST_TYPED,
        /** Not all arrived, and the receiver took it for all. */
        LOST_SILENTLY,
        DUPLICATED,
        REORDERED,
        /** Foreign or changed bytes. */
        CORRUPTED
    }

    private final Plan plan;
    private final Entry client;
    private final @Nullable Entry server;
    private final List<String> violations = new ArrayList<>();

    /**
     * Compares two journals.
     *
     * @param plan of the connection
     * @param client the client's entry
     * @param server the server's, or {@code null} if its handler was never called
     */
    Rules(Plan plan, Entry client, @Nullable Entry server) {
        this.plan = plan;
        this.client = client;
        this.server = server;
        check();
    }

    /** What is not as it must be; empty if all is. */
    List<String> violations() {
        return violations;
    }

    private void check() {
        side(client);
        if (server != null) {
            side(server);
        }
        connecting();
        if (client.connected() == Connected.YES || client.connected() == Connected.NOT_AWAITED) {
            direction(client, server);
        }
        if (server != null) {
            direction(server, client);
        }
    }

    // ---------------------------------------------------------------- what became of the bytes

    /** What became of what a side sent; {@code null} if it had no connection. */
    @Nullable
    Fate fate(Side from) {
        Entry sender = from == Side.CLIENT ? client : server;
        Entry receiver = from == Side.CLIENT ? server : client;
        if (sender == null || (from == Side.CLIENT && !sender.has(Fact.ACCEPTED))) {
            return null;
        }
        if (receiver == null || !receiver.has(Fact.RECEIVED)) {
            return sender.number(Fact.ACCEPTED) == 0 ? Fate.UNWANTED : Fate.LOST_TYPED;
        }
        String defect = receiver.text(Fact.DEFECT);
        if (defect != null) {
            return defect.startsWith("LOST")
                    ? Fate.LOST_SILENTLY
                    : defect.startsWith("DUPLICATED")
                            ? Fate.DUPLICATED
                            : defect.startsWith("REORDERED") ? Fate.REORDERED : Fate.CORRUPTED;
        }
        if (receiver.inputEnd() == InputEnd.END) {
            return receiver.number(Fact.RECEIVED) < sender.number(Fact.ACCEPTED) ? Fate.LOST_SILENTLY : Fate.ARRIVED;
        }
        return receiver.inputEnd() == InputEnd.STOPPED ? Fate.UNWANTED : Fate.LOST_TYPED;
    }

    private void direction(Entry sender, @Nullable Entry receiver) {
        String name = sender.side() + " to " + sender.side().peer() + ": ";
        long accepted = sender.number(Fact.ACCEPTED);
        long atMost = sender.number(Fact.ACCEPTED_AT_MOST);
        if (receiver == null || !receiver.has(Fact.RECEIVED)) {
            demand(!sender.is(Fact.CLOSED_ORDERLY) || !sender.has(Fact.ACCEPTED), name + "orderly without a receiver");
            return;
        }
        long received = receiver.number(Fact.RECEIVED);
        String defect = receiver.text(Fact.DEFECT);
        demand(defect == null, name + "bytes are " + defect);
        demand(received <= atMost, name + "received " + received + " of " + atMost + " bytes");
        if (receiver.inputEnd() == InputEnd.END && defect == null) {
            demand(sender.has(Fact.OUTPUT_ENDED), name + "an end arrived that nobody sent");
            demand(
                    received >= accepted,
                    name + "lost silently: " + (accepted - received) + " of " + accepted + " bytes");
            demand(
                    receiver.number(Fact.CLOSED_BYTES_RECEIVED) == received,
                    name + "the receiver's closed() counts other bytes than were read to the end");
        }
        demand(
                defect != null || receiver.number(Fact.CLOSED_BYTES_RECEIVED) >= received,
                name + "the receiver's closed() counts fewer bytes than were read");
        demand(
                defect != null || receiver.number(Fact.CLOSED_BYTES_RECEIVED) <= atMost,
                name + "the receiver's closed() counts more bytes than were sent");
        boolean discarded = receiver.inputEnd() == InputEnd.STOPPED || plan.ending() == Ending.CLIENT_OBJECT_CLOSED;
        if (sender.is(Fact.CLOSED_ORDERLY) && receiver.is(Fact.CLOSED_ORDERLY) && !discarded) {
            demand(receiver.inputEnd() == InputEnd.END, name + "orderly on both sides, but no end was read");
        }
        if (!plan.faulty() && defect == null) {
            undisturbed(name, sender, receiver);
        }
    }

    /** Nothing but the two programs can have broken this direction. */
    private void undisturbed(String name, Entry sender, Entry receiver) {
        if (receiver.inputEnd() != InputEnd.FAILURE || plan.ending() == Ending.CLIENT_OBJECT_CLOSED) {
            return;
        }
        boolean explained = sender.is(Fact.ABORTED)
                || receiver.is(Fact.ABORTED)
                || plan.ending() == Ending.CONNECT_CANCELLED
                // The sender's own close may have cut a write short, or found no room for the rest in time.
                || sender.has(Fact.CLOSE_FAILURE)
                || (sender.is(Fact.LEFT) && sender.has(Fact.WRITE_FAILURE))
                || (sender.is(Fact.LEFT) && isTimeout(sender))
                || (receiver.is(Fact.LEFT) && isTimeout(receiver));
        demand(explained, name + "the undisturbed input failed: " + receiver.failure(Fact.READ_FAILURE));
    }

    // ---------------------------------------------------------------- one side

    private void connecting() {
        Connected connected = client.connected();
        if (connected == null) {
            violations.add("the client does not say how connecting went");
            return;
        }
        Failure failure = client.failure(Fact.CONNECT_FAILURE);
        switch (connected) {
            case YES -> {
                demand(plan.ending() != Ending.REFUSED, "connected, although the server refused");
                demand(
                        server != null || plan.faulty() || endsByClient(),
                        "connected, but the handler was never called");
            }
            case NOT_AWAITED -> {
                demand(
                        server != null
                                || plan.faulty()
                                || plan.ending() == Ending.REFUSED
                                || endsByClient()
                                || isTimeout(client),
                        "opened, but the handler was never called");
                demand(server == null || plan.ending() != Ending.REFUSED, "the server refused, and called the handler");
            }
            case CANCELLED -> demand(plan.ending() == Ending.CONNECT_CANCELLED, "cancelled by nobody");
            case FAILED -> {
                boolean refused = failure != null && failure.type().equals("ConnectionRefusedException");
                boolean explained = plan.faulty()
                        || (plan.ending() == Ending.REFUSED && refused)
                        || (plan.ending() == Ending.CLIENT_OBJECT_CLOSED && failure != null && failure.isClosedHere());
                demand(explained, "an undisturbed connect failed: " + failure);
                // The server's abort may overtake its answer's reading, but never a refusal.
                demand(!refused || plan.ending() == Ending.REFUSED, "refused by nobody: " + failure);
            }
        }
    }

    /** Whether the client may have ended it before the server's handler could be called. */
    private boolean endsByClient() {
        return plan.ending().actor == Side.CLIENT;
    }

    private void side(Entry entry) {
        String name = entry.side() + ": ";
        String finding = entry.text(Fact.FINDING);
        demand(finding == null, name + finding);
        if (!entry.has(Fact.RECEIVED)) {
            return;
        }
        demand(entry.has(Fact.CLOSED_ORDERLY), name + "closed() has not completed");
        demand(entry.inputEnd() != null, name + "reading has not ended");
        long accepted = entry.number(Fact.ACCEPTED);
        long atMost = entry.number(Fact.ACCEPTED_AT_MOST);
        long sent = entry.number(Fact.CLOSED_BYTES_SENT);
        long undelivered = entry.number(Fact.CLOSED_BYTES_NOT_DELIVERED);
        demand(
                sent + undelivered >= accepted && sent + undelivered <= atMost,
                name + "closed() accounts for " + sent + " + " + undelivered + " bytes, accepted " + accepted + " to "
                        + atMost);
        Failure closed = entry.failure(Fact.CLOSED_FAILURE);
        if (entry.is(Fact.CLOSED_ORDERLY)) {
            demand(undelivered == 0 && closed == null, name + "orderly, but " + undelivered + " bytes undelivered");
        } else {
            demand(closed != null && closed.isTyped(), name + "not orderly for no reason");
        }
        boolean unwanted = closed != null && closed.isReset(Origin.PEER) && closed.code() == NO_ERROR;
        if (entry.is(Fact.CLOSE_RETURNED)) {
            boolean aborted =
                    plan.ending() == Ending.CLIENT_OBJECT_CLOSED && closed != null && closed.isReset(Origin.LOCAL);
            // What was with the transport when the connection failed may still have been written before the close.
            demand(
                    undelivered <= PIECE || unwanted || aborted,
                    name + "close() returned with " + undelivered + " bytes undelivered");
        }
        // As with close: a failure may come, and closed() complete, before the answer to the write of the last piece.
        long late = entry.is(Fact.CLOSED_ORDERLY) ? 0 : Math.min(undelivered, PIECE);
        demand(sent + late >= entry.number(Fact.FLUSHED), name + "flush() returned with bytes unsent");
        if (!plan.faulty() && closed != null) {
            demand(isExplained(entry, closed), name + "the undisturbed connection failed: " + closed);
        }
    }

    /** Whether the two programs explain how an undisturbed connection failed. */
    private boolean isExplained(Entry entry, Failure closed) {
        Entry other = entry.side() == Side.CLIENT ? server : client;
        if (plan.ending() == Ending.CLIENT_OBJECT_CLOSED) {
            return closed.type().equals("ConnectionLostException") || closed.isReset() || closed.isClosedHere();
        }
        if (closed.type().equals("ConnectionRefusedException")) {
            return plan.ending() == Ending.REFUSED;
        }
        if (closed.isTimeout()) {
            return entry.is(Fact.LEFT);
        }
        if (closed.isReset(Origin.LOCAL)) {
            // Its own abort, or its own close, whose timeout passed or which cut a write short.
            return entry.is(Fact.ABORTED) ? isCodeOf(entry.side(), closed.code()) : entry.is(Fact.LEFT);
        }
        if (closed.isReset(Origin.PEER)) {
            boolean cancelled = plan.ending() == Ending.CONNECT_CANCELLED && closed.code() == CANCEL;
            boolean gone = other == null || (other.is(Fact.ABORTED) && isCodeOf(other.side(), closed.code()));
            boolean left =
                    other != null && other.is(Fact.LEFT) && (closed.code() == NO_ERROR || closed.code() == CANCEL);
            return cancelled || gone || left;
        }
        return false;
    }

    private boolean isCodeOf(Side side, long code) {
        boolean threw = plan.ending() == Ending.SERVER_THROW && side == Side.SERVER;
        return code == (threw ? INTERNAL_ERROR : plan.code().value());
    }

    /** Whether a close took too long: a busy machine, or a peer that reads slowly. */
    private static boolean isTimeout(Entry entry) {
        Failure closed = entry.failure(Fact.CLOSED_FAILURE);
        return closed != null && closed.isTimeout();
    }

    private void demand(boolean holds, String violation) {
        if (!holds) {
            violations.add(violation);
        }
    }
}
