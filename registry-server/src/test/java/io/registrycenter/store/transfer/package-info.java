@NullMarked
package io.registrycenter.store.transfer;

import org.jspecify.annotations.NullMarked;
