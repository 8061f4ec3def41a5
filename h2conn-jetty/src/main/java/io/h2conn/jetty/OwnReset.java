package io.h2conn.jetty;

import io.h2conn.ErrorCode;
import org.eclipse.jetty.http2.frames.ResetFrame;

/**
 * A reset that this side has decided on. Jetty shows the resets that it sends to the same rate control as those that it
 * receives, because a peer may provoke them; {@link DuplexRateControl} tells by this class that nobody did.
 */
final class OwnReset extends ResetFrame {
    OwnReset(int stream, ErrorCode code) {
        super(stream, code.wire());
    }
}
