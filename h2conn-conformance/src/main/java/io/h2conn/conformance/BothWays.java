package io.h2conn.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs twice: with the client as the near end, then with the server. Takes any of: two
 * {@code DuplexConnection}s, the near and the far one, connected with default options; a {@link Connector}, for options
 * of its own or more pairs; the {@link Scale}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(BothWaysExtension.class)
@interface BothWays {
    /** Whether it runs as many times as the system property {@code h2conn.rounds} says, 3 by default. */
    boolean repeated() default false;
}
