package io.h2conn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionOptionsTest {
    @Test
    void eachSettingIsACopyThatKeepsTheOthers() {
        ConnectionObserver observer = new ConnectionObserver() {};
        ConnectionOptions options = ConnectionOptions.defaults()
                .sendBufferBytes(7)
                .closeTimeout(Duration.ofSeconds(2))
                .gatherWrites(false)
                .nonBlockingCallbacks(true)
                .executor(Runnable::run)
                .stallTimeout(Duration.ofSeconds(3))
                .idleTimeout(Duration.ofSeconds(4))
                .maxLifetime(Duration.ofSeconds(5))
                .observer(observer);

        assertThat(options.sendBufferBytes()).isEqualTo(7);
        assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.gatherWrites()).isFalse();
        assertThat(options.nonBlockingCallbacks()).isTrue();
        assertThat(options.executor()).isNotNull();
        assertThat(options.stallTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.idleTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(options.maxLifetime()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.observer()).isSameAs(observer);
        assertThat(options.executor(null)).isNotEqualTo(options).isEqualTo(options.executor(null));
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
        Duration negative = Duration.ofSeconds(-1);
        assertThatThrownBy(() -> ConnectionOptions.defaults().stallTimeout(negative))
                .hasMessage("stallTimeout must not be negative but was PT-1S");
        assertThatThrownBy(() -> ConnectionOptions.defaults().idleTimeout(negative))
                .hasMessage("idleTimeout must not be negative but was PT-1S");
        assertThatThrownBy(() -> ConnectionOptions.defaults().maxLifetime(negative))
                .hasMessage("maxLifetime must not be negative but was PT-1S");
    }

    @Test
    void aPairNeedsAWindow() {
        assertThatThrownBy(() -> DuplexConnection.pair(0, ConnectionOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("windowBytes must be at least 1 but was 0");
    }
}
