package io.h2conn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionOptionsTest {
    @Test
    void eachSettingIsACopyThatKeepsTheOthers() {
        ConnectionOptions options = ConnectionOptions.defaults()
                .sendBufferBytes(7)
                .closeTimeout(Duration.ofSeconds(2))
                .gatherWrites(false)
                .nonBlockingCallbacks(true)
                .executor(Runnable::run);

        assertThat(options.sendBufferBytes()).isEqualTo(7);
        assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.gatherWrites()).isFalse();
        assertThat(options.nonBlockingCallbacks()).isTrue();
        assertThat(options.executor()).isNotNull();
        assertThat(ConnectionOptions.defaults().sendBufferBytes())
                .isEqualTo(ConnectionOptions.DEFAULT_SEND_BUFFER_BYTES);
    }

    @Test
    void valuesOutOfRangeAreNamed() {
        assertThatThrownBy(() -> ConnectionOptions.defaults().sendBufferBytes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sendBufferBytes must be at least 1 but was 0");
        assertThatThrownBy(() -> ConnectionOptions.defaults().closeTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
    }

    @Test
    void aPairNeedsAWindow() {
        assertThatThrownBy(() -> DuplexConnection.pair(0, ConnectionOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("windowBytes must be at least 1 but was 0");
    }
}
