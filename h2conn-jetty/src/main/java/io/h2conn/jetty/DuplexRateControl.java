package io.h2conn.jetty;

import java.time.Duration;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.WindowUpdateFrame;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.io.WindowRateControl;

/**
 * Bounds how often a peer may send frames that cost more than they carry, without punishing what long-lived streams do
 * in good faith. Jetty's own default ends the whole session after 128 frames in a second that arrive for a stream which
 * has just been reset: the data that was under way then, in small frames, is enough for that.
 */
public final class DuplexRateControl implements RateControl {
    /** Frames in a second. Far above what resets and PINGs in good faith add up to, far below what hurts. */
    private static final int EVENTS_PER_SECOND = 1_000;

    private final RateControl others = new WindowRateControl(EVENTS_PER_SECOND, Duration.ofSeconds(1));

    @Override
    public boolean onEvent(Object event) {
        return isGoodFaith(event) || others.onEvent(event);
    }

    private static boolean isGoodFaith(Object event) {
        if (event instanceof DataFrame data) {
            return data.remaining() > 0;
        } else if (event instanceof WindowUpdateFrame update) {
            return update.getWindowDelta() > 0;
        } else {
            return event instanceof PingFrame ping && ping.isReply();
        }
    }

    /** Makes one for each TCP connection. */
    public static final class Factory implements RateControl.Factory {
        @Override
        public RateControl newRateControl(EndPoint endPoint) {
            return new DuplexRateControl();
        }
    }
}
