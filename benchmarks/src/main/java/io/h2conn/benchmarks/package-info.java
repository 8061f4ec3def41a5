/** What the library costs, beside what it stands on and beside its peers. */
@NullMarked
package io.h2conn.benchmarks;

import org.jspecify.annotations.NullMarked;
