use tachograph::traced;

struct Refused;
type Paid = Result<(), Refused>;

#[traced(err)]
async fn checkout() -> Paid {
    Err(Refused)
}

fn main() {
    let _ = checkout();
}
