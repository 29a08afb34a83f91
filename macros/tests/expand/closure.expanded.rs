//! A result that may be an error is looked at, so the body moves into a closure.
/// Pays a cart.
///
/// Twice, if asked twice.
fn checkout(cart: &Cart, tries: u32) -> Result<Receipt, CartError> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).doc("Pays a cart.").metered()
        ),
        move || -> Result<Receipt, CartError> {
            #[allow(clippy::shadow_same)]
            let cart = cart;
            #[allow(clippy::shadow_same)]
            let mut tries = tries;
            {
                while tries > 0 {
                    cart.pay()?;
                    tries -= 1;
                }
                Ok(Receipt)
            }
        },
        |__result, _| ::tachograph::__private::outcome!(__result),
    )
}
/// Parameters that are no plain names are taken apart inside, so that what is left of them is dropped in its turn.
fn patterns(
    __argument0: (Guard, Guard),
    __argument1: Guard,
    __argument2: [Guard; 3],
    #[cfg(feature = "extra")]
    c: Guard,
) -> io::Result<()> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {})
            .doc("Parameters that are no plain names are taken apart inside, so that what is left of them is dropped in its turn.")
            .metered()
        ),
        move || -> io::Result<()> {
            let __argument0 = __argument0;
            let (a, _) = __argument0;
            let __argument1 = __argument1;
            let __argument2 = __argument2;
            let [b, ..] = __argument2;
            #[cfg(feature = "extra")]
            #[allow(clippy::shadow_same)]
            let c = c;
            keep(a, b)
        },
        |__result, _| ::tachograph::__private::outcome!(__result),
    )
}
/// With something recorded at the start, patterns stay where they can be seen.
fn recorded((a, ref b): (u32, String)) -> io::Result<()> {
    ::tachograph::__private::Call::new()
        .start(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {})
                .doc("With something recorded at the start, patterns stay where they can be seen.")
                .traced().fields(& ["a"])
            ),
            |__call| {
                __call
                    .try_fields(|__call| {
                        __call.field(0, ::tachograph::__private::value(&a));
                    });
            },
        )
        .run(
            move || -> io::Result<()> {
                #[allow(clippy::shadow_same, unused_variables)]
                let mut a = a;
                #[allow(clippy::shadow_same)]
                let b = b;
                {
                    a += 1;
                    keep(a, b)
                }
            },
            |__result, _| ::tachograph::__private::outcome!(__result),
        )
}
fn nothing_to_move() -> Result<impl Iterator<Item = u8>, Empty> {
    ::tachograph::__private::call(
        ::tachograph::__private::site!(
            ::tachograph::__private::Site::new(|| {}).metered()
        ),
        move || -> Result<_, Empty> {
            {
                let bytes = read()?;
                Ok(bytes.into_iter())
            }
        },
        |__result, _| ::tachograph::__private::outcome!(__result),
    )
}
impl Cart {
    fn by_reference(&mut self) -> Result<(), CartError> {
        ::tachograph::__private::call(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            move || -> Result<(), CartError> {
                {
                    self.lines.clear();
                    Ok(())
                }
            },
            |__result, _| ::tachograph::__private::outcome!(__result, Display),
        )
    }
    fn by_value(mut self, other: Self) -> Result<Self, CartError> {
        ::tachograph::__private::call(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            move || -> Result<Self, CartError> {
                let _ = &self;
                #[allow(clippy::shadow_same)]
                let other = other;
                {
                    self.lines.extend(other.lines);
                    Ok(self)
                }
            },
            |__result, _| ::tachograph::__private::outcome!(__result, Debug),
        )
    }
    fn boxed(self: Box<Self>) -> Result<u8, CartError> {
        ::tachograph::__private::call(
            ::tachograph::__private::site!(
                ::tachograph::__private::Site::new(|| {}).traced()
            ),
            move || -> Result<u8, CartError> {
                let _ = &self;
                self.lines.len().try_into().map_err(CartError::TooLong)
            },
            |__result, _| ::tachograph::__private::outcome!(__result),
        )
    }
}
