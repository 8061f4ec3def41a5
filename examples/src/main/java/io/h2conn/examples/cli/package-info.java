/** What the example programs share as command line programs: options, certificates, one-line errors. */
@NullMarked
package io.h2conn.examples.cli;

import org.jspecify.annotations.NullMarked;
