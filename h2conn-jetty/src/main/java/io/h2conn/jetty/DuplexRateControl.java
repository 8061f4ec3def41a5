package io.h2conn.jetty;

import java.time.Duration;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.frames.WindowUpdateFrame;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.io.WindowRateControl;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how often a peer may send frames that cost more than they carry, without punishing what long-lived streams do
 * in good faith. Jetty's own default ends the whole session after 128 frames in a second that arrive for a stream which
 * has just been reset: the data that was under way then, in small frames, is enough for that.
 *
 * <p>Not charged: resets that this side has decided on, data and credit for a stream that has just gone. Charged, each
 * kind by itself: resets by the peer, and those it provokes by breaking the rules or opening more streams than it may;
 * answers to PINGs; all else, such as PING, SETTINGS, empty, unknown and malformed frames.
 */
public final class DuplexRateControl implements RateControl {
    /**
     * In a second. All streams that one TCP connection has by default may be reset at once, and as many again: neither
     * costs more than they did when they were opened.
     */
    private static final int RESETS = 2_000;

    /** In a second. An answer costs little, and may be asked for as often as somebody on this side likes. */
    private static final int ANSWERS = 10_000;

    /** In a second. Far above what PINGs and SETTINGS in good faith add up to, far below what hurts. */
    private static final int OTHERS = 1_000;

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RateControl resets = new WindowRateControl(RESETS, SECOND);
    private final RateControl answers = new WindowRateControl(ANSWERS, SECOND);
    private final RateControl others = new WindowRateControl(OTHERS, SECOND);
    private volatile @Nullable SessionGuard guard;

    /** {@inheritDoc} The events are frames, and once the session's {@link SessionGuard}, which is told of an excess. */
    @Override
    public boolean onEvent(Object event) {
        if (event instanceof SessionGuard introduced) {
            guard = introduced;
            return true;
        }
        if (isWithinBounds(event)) {
            return true;
        }
        SessionGuard known = guard;
        if (known != null) {
            known.onExcess(describe(event));
        }
        return false;
    }

    private boolean isWithinBounds(Object event) {
        if (event instanceof DataFrame data && data.remaining() > 0) {
            return true;
        } else if (event instanceof WindowUpdateFrame update && update.getWindowDelta() > 0) {
            return true;
        } else if (event instanceof OwnReset) {
            return true;
        } else if (event instanceof ResetFrame) {
            return resets.onEvent(event);
        } else if (event instanceof PingFrame ping && ping.isReply()) {
            return answers.onEvent(event);
        }
        return others.onEvent(event);
    }

    static String describe(Object event) {
        if (event instanceof ResetFrame) {
            return "more than " + RESETS + " resets in a second, sent or provoked";
        } else if (event instanceof PingFrame ping && ping.isReply()) {
            return "more than " + ANSWERS + " answers to PINGs in a second";
        }
        return "more than " + OTHERS + " frames in a second that carry nothing, the last one " + name(event);
    }

    private static String name(Object event) {
        FrameType type = event instanceof Frame frame ? frame.getType() : null;
        return type == null ? "of no known type" : type.name();
    }

    /** Makes one for each TCP connection. */
    public static final class Factory implements RateControl.Factory {
        @Override
        public RateControl newRateControl(EndPoint endPoint) {
            return new DuplexRateControl();
        }
    }
}
