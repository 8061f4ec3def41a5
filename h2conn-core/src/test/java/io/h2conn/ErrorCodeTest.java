package io.h2conn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    @Test
    void registeredCodesHaveTheNumbersAndNamesOfTheRfc() {
        assertThat(ErrorCode.of(0)).isEqualTo(ErrorCode.NO_ERROR).hasToString("NO_ERROR");
        assertThat(ErrorCode.of(7)).isEqualTo(ErrorCode.REFUSED_STREAM).hasToString("REFUSED_STREAM");
        assertThat(ErrorCode.of(8)).isEqualTo(ErrorCode.CANCEL).hasToString("CANCEL");
        assertThat(ErrorCode.of(0xd)).isEqualTo(ErrorCode.HTTP_1_1_REQUIRED).hasToString("HTTP_1_1_REQUIRED");
    }

    @Test
    void otherCodesKeepTheirNumber() {
        ErrorCode code = ErrorCode.of(0xfeedbeef);
        assertThat(code.value()).isEqualTo(0xfeedbeefL);
        assertThat(code.wire()).isEqualTo(0xfeedbeef);
        assertThat(code).hasToString("0xfeedbeef");
    }

    @Test
    void aNumberThatDoesNotFitIsNamed() {
        assertThatThrownBy(() -> new ErrorCode(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> new ErrorCode(1L << 32)).isInstanceOf(IllegalArgumentException.class);
    }
}
