package io.h2conn.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectRequestTest {
    private static final ConnectRequest REQUEST = ConnectRequest.to("https://host/path");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://host/",
                "ws://host/",
                "/path",
                "http:///path",
                "http:opaque",
                "https://host/#fragment",
                "https://host:0/",
                "https://host:65536/",
                "http://under_score/"
            })
    void aUriThatCannotBeConnectedToIsNamed(String uri) {
        assertThatThrownBy(() -> ConnectRequest.to(URI.create(uri)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(uri.replace("opaque", "").replace("#fragment", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://host/path?hush",
                "https://host/path?hush#fragment",
                "https://host/path#hush",
                "https://host:0/path?hush",
                "http://under_score/path?hush",
                "https://me:hush@under_score/path",
                "https://me:hush@host/path",
                "me:hush@host/path",
                "hush me:hush@host/path",
                "https://host/path?hush hush",
                "https://host/path?hush\u0000",
                "/path?hush"
            })
    void whatMayBeASecretIsNotRepeatedWhenAUriIsRejected(String uri) {
        assertThatThrownBy(() -> ConnectRequest.to(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageNotContaining("hush");
    }

    @Test
    void theQueryIsNotInTheTextForm() {
        assertThat(ConnectRequest.to("https://host/path?hush").header("authorization", "hush"))
                .hasToString("POST https://host/path");
    }

    @Test
    void userInfoIsRejectedAndNotRepeated() {
        assertThatThrownBy(() -> ConnectRequest.to("https://me:secret@host/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":path",
                "Connection",
                "keep-alive",
                "Proxy-Connection",
                "Transfer-Encoding",
                "upgrade",
                "TE",
                "Host",
                "Content-Length",
                "",
                "with space",
                "täg",
                "new\nline"
            })
    void aHeaderThatCannotBeSentIsNamed(String name) {
        assertThatThrownBy(() -> REQUEST.header(name, "gzip"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"new\nline", "carriage\rreturn", "nul\0", " leading", "trailing ", "delete\u007f", "€"})
    void aHeaderValueThatCannotBeSentIsNotRepeated(String value) {
        assertThatThrownBy(() -> REQUEST.header("X-Name", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'X-Name'")
                .hasMessageNotContaining(value);
    }

    @Test
    void legalHeadersAreKept() {
        ConnectRequest request = REQUEST.header("TE", "trailers")
                .header("X-Many", "one")
                .header("x-many", "two words\tand a tab")
                .header("x-empty", "");

        assertThat(request.headers().map().keySet()).containsExactlyInAnyOrder("te", "x-many", "x-empty");
        assertThat(request.headers().allValues("x-many")).containsExactly("one", "two words\tand a tab");
        assertThat(REQUEST.headers().map()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET ", "CONNECT", "a/b"})
    void aMethodThatCannotBeSentIsNamed(String method) {
        assertThatThrownBy(() -> REQUEST.method(method))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(method);
    }

    @Test
    void aTimeoutMustBePositive() {
        assertThatThrownBy(() -> REQUEST.timeout(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> REQUEST.timeout(Duration.ofSeconds(-1))).hasMessageContaining("PT-1S");
    }

    @Test
    void settingsAreKeptInCopies() {
        ConnectionOptions options = ConnectionOptions.defaults().gatherWrites(false);
        ConnectRequest request =
                REQUEST.method("PUT").timeout(Duration.ofSeconds(1)).options(options);

        assertThat(request.method()).isEqualTo("PUT");
        assertThat(request.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(request.options()).isSameAs(options);
        assertThat(request.uri()).isEqualTo(URI.create("https://host/path"));
        assertThat(REQUEST.method()).isEqualTo("POST");
        assertThat(REQUEST.timeout()).isNull();
        assertThat(REQUEST.options()).isNull();
        assertThat(request).hasToString("PUT https://host/path");
    }

    @Test
    void originsAreSchemeHostAndPort() {
        assertThat(WebOrigin.of(URI.create("https://Host/a"))).isEqualTo(WebOrigin.of(URI.create("HTTPS://host:443")));
        assertThat(WebOrigin.of(URI.create("http://host/"))).isNotEqualTo(WebOrigin.of(URI.create("https://host:80/")));
        assertThat(WebOrigin.of(URI.create("http://[::1]:8080/")))
                .isEqualTo(new WebOrigin(false, "::1", 8080))
                .hasToString("http://[::1]:8080");
    }

    @Test
    void theTargetIsWhatTheUriSays() {
        assertThat(RequestTarget.of(URI.create("http://host")).asString()).isEqualTo("http://host/");
        assertThat(RequestTarget.of(URI.create("https://host:8443?a=b%20c")).asString())
                .isEqualTo("https://host:8443/?a=b%20c");
        assertThat(RequestTarget.of(URI.create("http://[fe80::1%25eth0]:81/ä/..;x//y?ö"))
                        .asString())
                .isEqualTo("http://[fe80::1]:81/%C3%A4/..;x//y?%C3%B6");
    }
}
