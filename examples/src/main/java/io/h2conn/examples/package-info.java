/** The example programs, and {@link io.h2conn.examples.Main}, which runs them. */
@NullMarked
package io.h2conn.examples;

import org.jspecify.annotations.NullMarked;
