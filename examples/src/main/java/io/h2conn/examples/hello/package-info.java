/** The two programs of the README. */
@NullMarked
package io.h2conn.examples.hello;

import org.jspecify.annotations.NullMarked;
