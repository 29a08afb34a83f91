//! A result that may be an error is looked at, so the body moves into a closure.

/// Pays a cart.
///
/// Twice, if asked twice.
#[metered]
fn checkout(cart: &Cart, mut tries: u32) -> Result<Receipt, CartError> {
    while tries > 0 {
        cart.pay()?;
        tries -= 1;
    }
    Ok(Receipt)
}

/// Parameters that are no plain names are taken apart inside, so that what is left of them is dropped in its turn.
#[metered]
fn patterns((a, _): (Guard, Guard), _: Guard, [b, ..]: [Guard; 3], #[cfg(feature = "extra")] c: Guard) -> io::Result<()> {
    keep(a, b)
}

/// With something recorded at the start, patterns stay where they can be seen.
#[traced(fields(a))]
fn recorded((mut a, ref b): (u32, String)) -> io::Result<()> {
    a += 1;
    keep(a, b)
}

#[metered]
fn nothing_to_move() -> Result<impl Iterator<Item = u8>, Empty> {
    let bytes = read()?;
    Ok(bytes.into_iter())
}

impl Cart {
    #[traced(err)]
    fn by_reference(&mut self) -> Result<(), CartError> {
        self.lines.clear();
        Ok(())
    }

    #[traced(err(Debug))]
    fn by_value(mut self, other: Self) -> Result<Self, CartError> {
        self.lines.extend(other.lines);
        Ok(self)
    }

    #[traced]
    fn boxed(self: Box<Self>) -> Result<u8, CartError> {
        self.lines.len().try_into().map_err(CartError::TooLong)
    }
}
