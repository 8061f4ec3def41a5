/** The main job of the library in one run, without a second terminal. */
@NullMarked
package io.h2conn.examples.demo;

import org.jspecify.annotations.NullMarked;
